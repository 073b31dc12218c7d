import type { Chat } from '../chat/chat.ts';
import type { Place } from '../incident/incident.ts';
import type { Task, TaskQueue } from '../queue/task-queue.ts';
import type { Offered } from '../remedies/offers.ts';
import type { ShownPlan } from '../report/card/plan-card.ts';
import { isDiagnosing } from '../runbook/phase.ts';
import type { Run } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createExpiringMap } from '../timing/expiring-map.ts';
import { createNotices } from './notice.ts';
import { createQuestions } from './questions.ts';
import { markShown } from './shown.ts';
import { createSpeaker } from './speaker.ts';
import { tellIncident } from './tell.ts';
import { URGENCY, urgencyOf } from './urgency.ts';

/** How long a speaker waits for another one that should have ended, ms: it happens only where a task was delivered twice. */
const BUSY_MS = 2_000;

/**
 * The steps of a run follow each other fast, and its place changes hardly ever: it is believed for so long, ms. Where it has changed, whoever speaks in the
 * old channel shows the incident in the new one.
 */
const PLACE_MS = 5_000;
const MAX_PLACES = 10_000;

/** What the outbox works with. */
export interface OutboxParts {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly chat: Chat;
  readonly runbook: Runbook;
  /** How long a channel rests between two messages or edits, ms; 0 for a terminal. */
  readonly paceMs: number;
  /** Where the pages on causes are; absent: cards link to none. */
  readonly docsUrl?: string | undefined;
  /** True where incidents have pages that can be asked for. */
  readonly hasPages?: boolean | undefined;
  /** Where an incident is told that nobody asked for and whose own channel cannot be written to. */
  readonly fallback?: Place | undefined;
  /** What is shown of plans, and what may be offered; absent where nothing is changed. */
  readonly plans?: ShownPlans | undefined;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  readonly now: () => Date;
}

/** What cards show of remedies. */
export interface ShownPlans {
  /** The plan of a run, and where it stands; undefined where it has none. */
  of(run: Run): Promise<ShownPlan | undefined>;
  /** What somebody may ask for because of a finished run and of its plan, and why not for more. */
  offers(run: Run, plan: ShownPlan | undefined): Offered;
}

/** The one door out: everything that people are shown goes through it. */
export interface Outbox {
  /** Puts the incident of a run into the line of its channel: because the run changed, or because what was announced may have been lost. */
  announce(run: Run, why?: 'changed' | 'resumed'): Promise<void>;
  perform(task: Extract<Task, { kind: 'speak' | 'notice' | 'ask' }>): Promise<void>;
}

/** Channels are spoken to by one speaker each, people by notices. A task that comes late, or twice, finds nothing new to show. */
export function createOutbox(parts: OutboxParts): Outbox {
  const { store, queue } = parts;
  const notices = createNotices(parts);
  const speaker = createSpeaker(parts, notices);
  const questions = createQuestions(parts);
  const places = createExpiringMap<Place>({ now: () => parts.now().getTime(), ttlMs: PLACE_MS, max: MAX_PLACES });

  async function speak(channel: string): Promise<void> {
    const held = await store.exclusively(`speak.${channel}`, () => speaker.speak(channel));
    const again = held.status === 'done' ? held.value : BUSY_MS;
    if (again !== undefined) await queue.add({ kind: 'speak', channel, delayMs: again });
  }

  return {
    async announce(run, why = 'changed') {
      const { incidentId: id } = run;
      const known = isDiagnosing(run) ? places.get(id) : undefined;
      const [place] = known ? [known] : (await store.incidents.read(id)).places;
      if (place === undefined) return markShown(store, run);
      places.set(id, place);
      const urgency = why === 'changed' ? urgencyOf(run) : URGENCY.details;
      await tellIncident({ id, places: [place] }, urgency, { ...parts, resumed: why === 'resumed' });
    },
    perform(task) {
      switch (task.kind) {
        case 'speak':
          return speak(task.channel);
        case 'ask':
          return questions.perform(task);
        default:
          return notices.perform(task);
      }
    },
  };
}
