import { createHash } from 'node:crypto';
import type { Chat, Posting } from '../chat/chat.ts';
import { CodedError } from '../errors.ts';
import type { Incident, Place } from '../incident/incident.ts';
import type { Message, Posted, PostedMessage } from '../incident/message.ts';
import type { Task, TaskQueue } from '../queue/task-queue.ts';
import { threadFor } from '../report/card.ts';
import type { Run } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { runsOf, UNSAID, unsaidOf } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { type ChatOperation, diffThread } from './thread.ts';

/** So many runs of one incident are looked at together. */
const RUNS_AT_ONCE = 20;
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
    const incident = await store.incidents.read(incidentId);
    let cursor: string | undefined;
    let newer = false;
    do {
      const page = await store.runs.list({ index: unsaidOf(incidentId), order: 'oldest', limit: RUNS_AT_ONCE, cursor });
      const saying = await sayRuns(incident, page.records);
      if (saying.status === 'later') return saying;
      newer ||= page.newer;
      cursor = page.next;
    } while (cursor !== undefined);
    // The rest is said by who can read it, once it gets this task.
    if (newer)
      throw new CodedError('store/newer', `Runs of incident ${incidentId} were written by a newer imagepull.`, { retryable: true });
    return SAID;
  }

  /** Says what is new of some runs, and the card of the last of them; marks those as said that have ended. */
  async function sayRuns(incident: Incident, unsaid: readonly Run[]): Promise<Saying> {
    // Runs of an incident follow each other, so the newest is among them unless all were said.
    const runs = unsaid.length > 0 ? unsaid : (await store.runs.list({ index: runsOf(incident.id), limit: 1 })).records;
    const saying = incident.silenced === undefined ? await sayWhatIsNew(incident, runs) : SAID;
    if (saying.status === 'later') return saying;
    for (const run of unsaid) if (run.conclusion) await store.runs.leave(run, [UNSAID, unsaidOf(incident.id)]);
    return SAID;
  }

  async function sayWhatIsNew(incident: Incident, runs: readonly Run[]): Promise<Saying> {
    const [place] = incident.places;
    if (place === undefined) return SAID;
    const total = await store.runs.count(runsOf(incident.id));
    let posted = await store.posted.read(incident.id);
    for (const operation of diffThread(threadFor(incident, runs, { runbook: parts.runbook, total }), posted, digestOf)) {
      const turn = parts.turnMs === 0 ? undefined : await store.claim(turnIn(place), parts.turnMs);
      if (turn?.status === 'refused') return { status: 'later', inMs: turn.freeInMs };
      const outcome = await attempt(incident, place, operation, posted);
      if (outcome.status !== 'posted') return outcome.status === 'later' ? outcome : SAID;
      posted = { ...posted, [operation.message.key]: outcome };
    }
    return SAID;
  }

  /** Says one thing. What cannot be said for now waits; what cannot be said at all silences the incident. */
  async function attempt(incident: Incident, place: Place, operation: ChatOperation, posted: Posted): Promise<Attempt> {
    try {
      return await send({ incidentId: incident.id, place, ...rootOf(posted) }, operation, posted);
    } catch (cause) {
      if (!(cause instanceof CodedError) || !cause.code.startsWith('chat/')) throw cause;
      const { code, message, retryable, retryAfterMs } = cause;
      log.warn(retryable ? 'chat is not available' : 'an incident can no longer be told', {
        incident: incident.id,
        code,
        because: message,
      });
      if (retryable) {
        if (retryAfterMs !== undefined) await store.hold(turnIn(place), retryAfterMs);
        return { status: 'later', inMs: retryAfterMs ?? UNAVAILABLE_MS };
      }
      await store.incidents.update(incident.id, (known) => (known.silenced === undefined ? { ...known, silenced: message } : known));
      return { status: 'silenced' };
    }
  }

  async function send(about: Posting, operation: ChatOperation, posted: Posted): Promise<PostedMessage> {
    const { message } = operation;
    const ts = operation.op === 'update' ? operation.ts : await post(about, message, posted);
    if (operation.op === 'update') await chat.update(about, ts, message);
    const entry: PostedMessage = { status: 'posted', ts, digest: digestOf(message) };
    await store.posted.write(about.incidentId, message.key, entry);
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
    } else await store.posted.write(about.incidentId, message.key, { status: 'posting', since: now().toISOString() });
    return (await chat.post(about, message)).ts;
  }
}

/** What is claimed to speak in a channel. */
function turnIn({ channel }: Place): string {
  return `turn.${channel}`;
}

function rootOf(posted: Posted): Pick<Posting, 'root'> {
  const card = posted['card'];
  return card?.status === 'posted' ? { root: card.ts } : {};
}

function digestOf(message: Message): string {
  return createHash('sha256')
    .update(JSON.stringify([message.text, message.pieces]))
    .digest('base64url');
}
