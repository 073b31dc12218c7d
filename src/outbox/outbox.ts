import { createHash } from 'node:crypto';
import type { Chat, Posting } from '../chat/chat.ts';
import { CodedError } from '../errors.ts';
import type { Incident } from '../incident/incident.ts';
import type { Message, Posted, PostedMessage } from '../incident/message.ts';
import type { Task, TaskQueue } from '../queue/task-queue.ts';
import { threadFor } from '../report/card.ts';
import type { Run } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { type ChatOperation, diffThread } from './thread.ts';

/** More runs of one incident than this are not looked at again; what was said of them stays. */
const MOST_RUNS = 5;
/** How long a writer waits for another one that is at the same incident, ms. */
const BUSY_MS = 300;
const UNAVAILABLE_MS = 2_000;

interface SayingParts {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly chat: Chat;
  readonly runbook: Runbook;
  readonly turnMs: number;
  readonly log: Log;
  readonly now: () => Date;
}

/** What one look at an incident led to: all was said, or the rest has to wait. */
type Saying = { readonly status: 'said' } | { readonly status: 'later'; readonly inMs: number };

const SAID: Saying = { status: 'said' };

/** What became of one operation: its entry, or why there is none. */
type Attempt = PostedMessage | Extract<Saying, { readonly status: 'later' }> | { readonly status: 'silenced' };

/**
 * Brings what people see of an incident up to date: one writer at a time, always from the newest state, one message or
 * edit per turn of its channel. Who comes late finds nothing left to say.
 */
export function createSaying(parts: SayingParts): (task: Extract<Task, { kind: 'say' }>) => Promise<void> {
  const { store, queue, chat, log, now } = parts;

  return async function say({ incidentId }) {
    const turn = await store.exclusively(`say.${incidentId}`, () => sayAll(incidentId));
    const saying: Saying = turn.status === 'done' ? turn.value : { status: 'later', inMs: BUSY_MS };
    if (saying.status === 'later') await queue.add({ kind: 'say', incidentId, delayMs: saying.inMs });
  };

  async function sayAll(incidentId: string): Promise<Saying> {
    const incident = await store.readIncident(incidentId);
    const runs = await Promise.all(incident.runIds.slice(-MOST_RUNS).map((id) => store.readRun(id)));
    await keepOutcome(incident, runs);
    const saying = incident.silenced === undefined ? await sayWhatIsNew(incident, runs) : SAID;
    if (saying.status === 'later') return saying;
    for (const run of runs) if (run.conclusion) await store.markSaid(run.id);
    return saying;
  }

  async function sayWhatIsNew(incident: Incident, runs: readonly Run[]): Promise<Saying> {
    let posted = await store.readPosted(incident.id);
    for (const operation of diffThread(threadFor(incident, runs, parts.runbook), posted, digestOf)) {
      const turn = parts.turnMs === 0 ? undefined : await store.claim(turnIn(incident), parts.turnMs);
      if (turn?.status === 'refused') return { status: 'later', inMs: turn.freeInMs };
      const outcome = await attempt(incident, operation, posted);
      if (outcome.status !== 'posted') return outcome.status === 'later' ? outcome : SAID;
      posted = { ...posted, [operation.message.key]: outcome };
    }
    return SAID;
  }

  /** Says one thing. What cannot be said for now waits; what cannot be said at all silences the incident. */
  async function attempt(incident: Incident, operation: ChatOperation, posted: Posted): Promise<Attempt> {
    try {
      return await send(incident, operation, posted);
    } catch (cause) {
      if (!(cause instanceof CodedError) || !cause.code.startsWith('chat/')) throw cause;
      const { code, message, retryable, retryAfterMs } = cause;
      log.warn(retryable ? 'chat is not available' : 'an incident can no longer be told', {
        incident: incident.id,
        code,
        because: message,
      });
      if (retryable) {
        if (retryAfterMs !== undefined) await store.hold(turnIn(incident), retryAfterMs);
        return { status: 'later', inMs: retryAfterMs ?? UNAVAILABLE_MS };
      }
      await store.updateIncident(incident.id, (known) => (known.silenced === undefined ? { ...known, silenced: message } : known));
      return { status: 'silenced' };
    }
  }

  async function send(incident: Incident, operation: ChatOperation, posted: Posted): Promise<PostedMessage> {
    const { message } = operation;
    const about = postingOf(incident, posted);
    const ts = operation.op === 'update' ? operation.ts : await post(about, message, posted);
    if (operation.op === 'update') await chat.update(about, ts, message);
    const entry: PostedMessage = { status: 'posted', ts, digest: digestOf(message) };
    await store.writePosted(incident.id, message.key, entry);
    return entry;
  }

  /** Writes down what is about to be posted; a writer who finds that looks first whether an earlier one got that far. */
  async function post(about: Posting, message: Message, posted: Posted): Promise<string> {
    const earlier = posted[message.key];
    if (earlier?.status === 'posting') {
      const found = await chat.find(about, message.key, new Date(earlier.since));
      if (found) {
        await chat.update(about, found.ts, message);
        return found.ts;
      }
    } else await store.writePosted(about.incidentId, message.key, { status: 'posting', since: now().toISOString() });
    return (await chat.post(about, message)).ts;
  }

  /** Lists of incidents show how the newest finished run ended. */
  async function keepOutcome(incident: Incident, runs: readonly Run[]): Promise<void> {
    const last = runs.findLast((run) => run.conclusion !== undefined);
    if (!last?.conclusion || incident.outcome?.runId === last.id) return;
    const { title, verdict } = last.conclusion;
    const outcome = { runId: last.id, cause: verdict.cause, title, confidence: verdict.confidence, at: now().toISOString() };
    await store.updateIncident(incident.id, (known) => ({ ...known, outcome }));
  }
}

/** What is claimed to speak in the incident's channel. */
function turnIn({ place }: Incident): string {
  return `turn.${place.channel}`;
}

function postingOf(incident: Incident, posted: Posted): Posting {
  const root = posted['card'];
  return { incidentId: incident.id, place: incident.place, ...(root?.status === 'posted' ? { root: root.ts } : {}) };
}

function digestOf(message: Message): string {
  return createHash('sha256')
    .update(JSON.stringify([message.text, message.pieces]))
    .digest('base64url');
}
