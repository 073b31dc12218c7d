import { asCodedError } from '../errors.ts';
import type { DiagnosisRequest } from '../incident/request.ts';
import { tellIncident } from '../outbox/tell.ts';
import { URGENCY } from '../outbox/urgency.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import { walk } from '../store/collection.ts';
import { hasWorker } from '../store/heartbeat.ts';
import { HELD, OPEN, UNSAID } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';

/** What alerts said so long ago says nothing of now; a sender repeats what lasts, ms. */
const STALE_MS = 3_600_000;

/** What resuming needs of an engine. */
export interface ResumeParts {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly log: Log;
  readonly now: () => Date;
  /** Settles a run, queues its steps that have started and not ended, and announces it. */
  readonly resumeRun: (runId: string) => Promise<void>;
}

/** A request that no worker took for so long is refused, ms: a day. */
const GIVEN_UP_MS = 24 * 3_600_000;

/** Queues again what was written down and lost before it was queued. One process at a time does it; one record that cannot be resumed holds up no other. */
export async function resumeAll(parts: ResumeParts): Promise<void> {
  await parts.store.exclusively('resume', async () => {
    await resumeRequests(parts);
    await resumeRuns(parts);
    await resumeDeliveries(parts);
    await tellHeld(parts);
    await keepWanted(parts);
    await resumePlans(parts);
  });
}

async function resumeRuns({ store, log, resumeRun }: ResumeParts): Promise<void> {
  for await (const run of walk(store.runs, { index: UNSAID, order: 'oldest' })) {
    await orLog(log, { run: run.id }, () => resumeRun(run.id));
  }
}

/** Tells what began in quiet hours that are over, and still goes on. */
async function tellHeld({ store, queue, log, now }: ResumeParts): Promise<void> {
  for await (const incident of walk(store.incidents, { index: HELD, order: 'oldest' })) {
    if (incident.heldUntil === undefined || now().getTime() < Date.parse(incident.heldUntil)) continue;
    await orLog(log, { incident: incident.id }, async () => {
      await tellIncident(incident, URGENCY.verdict, { store, queue, resumed: true });
      await store.incidents.update(incident.id, ({ heldUntil: _, ...known }) => known);
    });
  }
}

/** Recordings that are wanted, and whose task was lost. */
async function keepWanted({ store, queue, log }: ResumeParts): Promise<void> {
  for await (const { id, cluster } of walk(store.corrections, { index: OPEN, order: 'oldest' }))
    await orLog(log, { correction: id }, () => queue.add({ kind: 'keep', cluster, correctionId: id }));
}

/** Plans that executors have to make, to go on with or to look after. What is to be decided is the gateways'. */
async function resumePlans({ store, queue, log }: ResumeParts): Promise<void> {
  for await (const { id: planId, cluster, proposal, execution } of walk(store.plans, { index: OPEN, order: 'oldest' }))
    await orLog(log, { plan: planId }, async () => {
      if (proposal === undefined) await queue.add({ kind: 'plan', cluster, planId });
      else if (execution?.status === 'acting') await queue.add({ kind: 'apply', cluster, planId, delayMs: 0 });
      else if (execution?.status === 'applied') await queue.add({ kind: 'look', cluster, planId, delayMs: 0 });
    });
}

async function resumeDeliveries({ store, queue, log, now }: ResumeParts): Promise<void> {
  for await (const { id, cluster, receivedAt } of walk(store.deliveries, { index: OPEN, order: 'oldest' }))
    await orLog(log, { delivery: id }, async () => {
      if (now().getTime() - Date.parse(receivedAt) < STALE_MS) return queue.add({ kind: 'alert', cluster, deliveryId: id });
      log.warn('alerts were not looked into within an hour, and are given up', { delivery: id, cluster });
      await store.deliveries.update(id, (known) => ({ ...known, state: 'done' }));
    });
}

async function resumeRequests({ store, queue, log, now }: ResumeParts): Promise<void> {
  const at = now().getTime();
  const alive = await store.heartbeats.list();
  for await (const request of walk(store.requests, { index: OPEN, order: 'oldest' })) {
    // Somebody waits for it, and tells what comes of it.
    if (Date.parse(request.awaitedUntil) > at) continue;
    await orLog(log, { request: request.id }, async () => {
      const { id, cluster } = request;
      const known = await givenUp(request, store, at);
      if (known.state.status === 'accepted') await queue.add({ kind: 'begin', cluster, requestId: id });
      // Who was told that it takes time hears of it again when it is answered.
      const waits = known.state.status === 'accepted' && (known.seen === 'waiting' || hasWorker(alive, cluster));
      if (!waits) await queue.add({ kind: 'notice', requestId: id, delayMs: 0 });
    });
  }
}

async function givenUp(request: DiagnosisRequest, store: Store, at: number): Promise<DiagnosisRequest> {
  if (request.state.status !== 'accepted' || at - Date.parse(request.askedAt) < GIVEN_UP_MS) return request;
  const says = `No worker of cluster ${request.cluster} took it within a day. Ask again once one runs.`;
  const { after } = await store.requests.update(request.id, (known) =>
    known.state.status === 'accepted' ? { ...known, state: { status: 'refused', code: 'intake/expired', says } } : known,
  );
  return after;
}

/** What is wrong with one record is logged; a store or queue that cannot be reached ends the whole look. */
async function orLog(log: Log, what: Readonly<Record<string, string>>, work: () => Promise<void>): Promise<void> {
  try {
    await log.about(what, work);
  } catch (cause) {
    const { code, message } = asCodedError(cause);
    if (code === 'store/unavailable' || code === 'queue/unavailable') throw cause;
    log.warn('could not be resumed', { ...what, code, because: message });
  }
}
