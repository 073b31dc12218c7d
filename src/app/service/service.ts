import { randomUUID } from 'node:crypto';
import { createEngine } from '../../engine/engine.ts';
import type { Checkable } from '../../health.ts';
import type { Place } from '../../incident/incident.ts';
import type { Log } from '../../telemetry/log.ts';
import { knowledge } from '../app.ts';
import type { Environment } from '../config/secret-files.ts';
import type { Config } from '../config.ts';
import { alertSecrets, openWebhooks } from './alerts.ts';
import { openBackend } from './backend.ts';
import { CLOSE_MS, createClosing, WORKER_MS } from './closing.ts';
import { openClusters } from './clusters.ts';
import { openDetection } from './detection.ts';
import { startHeartbeat } from './heartbeat.ts';
import { openListeners } from './listeners.ts';
import { openMetrics } from './metrics.ts';
import { openPages } from './pages.ts';
import { openRemedies } from './remedies.ts';
import { createSelfExamination, LOOK_MS } from './self-examination.ts';
import { NO_CHAT, openSlack, slackHealth } from './slack.ts';
import { type FilePart, watchStaleSecrets } from './stale-secrets.ts';
import { startWatching } from './watch.ts';

/** A running service. */
export interface Service {
  /** The public port; absent where nothing is configured that asks for one. */
  readonly port: number | undefined;
  /** Takes nothing new, ends what it is at within 17 s and hands the rest to others; 28 s in all. Never throws. */
  stop(): Promise<void>;
}

/** Slack's limit for messages in one channel. */
const PACE_MS = 1_000;

/** What a service is given of the world in place of the machine's own: the demo lets time pass, and its store outlives a crash. */
export interface ServiceSurroundings {
  readonly now?: () => Date;
  /** Opens store and queue in place of what the configuration asks for. */
  readonly open?: typeof openBackend;
  /** Where the secrets of alert sources are looked for. */
  readonly environment?: Environment;
}

/** Starts the parts that the configuration asks for. Throws `config/…`, `store/unavailable` and `chat/unavailable` before anything is served. */
export async function openService(config: Config, log: Log, given: ServiceSurroundings = {}): Promise<Service> {
  const { now, environment, open } = { now: () => new Date(), environment: process.env, open: openBackend, ...given };
  const { takes, works, repeat, stop } = createClosing(log);
  try {
    const backend = await open(config, log);
    works({ what: 'store and queue', limitMs: CLOSE_MS.other, close: () => backend.close() });
    const isWorker = config.roles.includes('worker');
    const workFor = isWorker ? config.workFor : [];
    const measured = config.roles.includes('gateway') ? config.clusters.map(({ name }) => name) : workFor;
    const metrics = openMetrics(backend, { clusters: measured, log });
    const useful: Record<string, Checkable> = {};
    const byFiles: Partial<Record<FilePart, Checkable>> = { store: backend };
    const listeners = await openListeners(config, {
      needed: { store: backend },
      useful: () => useful,
      mendedByRestart: watchStaleSecrets(() => byFiles, process.env),
      figures: metrics,
      log,
    });
    works({ what: 'private listener', limitMs: CLOSE_MS.other, close: () => listeners.stop() });
    const slack = config.slackTokens && (await openSlack(config, config.slackTokens, { metrics, addRoute: listeners.addRoute, now }));
    const known = knowledge();
    const clusters = isWorker || config.roles.includes('executor') ? await openClusters(config, { runbook: known.runbook, metrics }) : {};
    Object.assign(useful, healthOfClusters(clusters));
    const worked = isWorker ? clusters : {};
    const detection = openDetection(config, { ...backend, clusters: worked, log, metrics, now });
    works({ what: 'looking after incidents', limitMs: CLOSE_MS.other, close: () => detection.stop() });
    const remedies = await openRemedies(config, { ...backend, clusters, classify: known.classify, log, metrics, now });
    const desk = slack && mayDecide(config) ? remedies?.openDesk(slack) : undefined;
    const engine = createEngine({
      ...known,
      clusters,
      detector: detection.detector,
      executor: remedies?.executor,
      probe: desk && ((runId) => desk.desk.probe(runId)),
      plans: slack && remedies?.shownBy(slack.people, { decides: mayDecide(config) }),
      store: backend.store,
      queue: backend.queue,
      chat: slack?.chat ?? NO_CHAT,
      paceMs: PACE_MS,
      docsUrl: config.slack.docsUrl,
      hasPages: config.http.publicUrl !== undefined,
      fallback: fallbackOf(config),
      log,
      metrics,
      now,
    });
    const processId = randomUUID();
    const self = createSelfExamination(config, { log, now, environment });
    const heartbeat = await startHeartbeat({ ...backend, id: processId, roles: config.roles, clusters: workFor, examined: self.last, log });
    works({ what: 'sign of life', limitMs: CLOSE_MS.other, close: () => heartbeat.stop() });
    const worker = backend.work({
      clusters: workFor,
      execute: remedies?.executes ?? [],
      speak: slack !== undefined,
      perform: engine.perform,
    });
    works({ what: 'worker', limitMs: CLOSE_MS.worker, close: () => worker.close(WORKER_MS) });
    if (desk) repeat('settling plans', SETTLE_MS, desk.settle);
    const gateway = await slack?.listen({
      ...backend,
      plans: desk?.desk,
      self: { processId, look: self.lookAtAll },
      pages: openPages(config, { ...backend, slack, remedies, addRoute: listeners.addRoute, log }),
      causes: known.catalogue.causes.map(({ id }) => id),
      metrics,
      log,
    });
    if (slack && gateway) {
      useful['slack'] = byFiles.slack = slackHealth(slack, gateway);
      takes({ what: 'Slack', limitMs: CLOSE_MS.taking, close: () => gateway.stop() });
    }
    if (config.roles.includes('gateway')) {
      openWebhooks(config, { ...backend, addRoute: listeners.addRoute, log, metrics, now, environment: alertSecrets(config, environment) });
      // Gateways only: what was lost may be of any cluster, and others need no way into the queues of all.
      await repeat('resuming', config.resumeMs, engine.resume)();
    }
    if (remedies?.executor) void repeat('sweeping node tasks', SWEEP_MS, remedies.sweep)();
    const watching = startWatching(config, { clusters: worked, detection, classify: known.classify, processId, log, metrics, now });
    takes({ what: 'the watch', limitMs: CLOSE_MS.taking, close: () => watching.stop() });
    takes({ what: 'public listener', limitMs: CLOSE_MS.taking, close: () => listeners.stopServing() });
    const port = await listeners.serve();
    log.info('serving', {
      roles: config.roles,
      clusters: workFor,
      kept: config.redisUrl === undefined ? 'in memory' : 'in Redis',
    });
    takes({ what: 'examining', limitMs: CLOSE_MS.taking, close: async () => self.stop() });
    // Nothing waits for it: what is wrong there shows in the log, and in what the parts themselves say.
    void repeat('examining', LOOK_MS, self.look)();
    return { port, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/** How often pods of node tasks are looked for that a dead process left, ms. */
const SWEEP_MS = 60_000;
/** How often open plans are looked after, ms. */
const SETTLE_MS = 5_000;

/** Each cluster as a part that says how it is. */
function healthOfClusters(clusters: Readonly<Record<string, { readonly direct: Checkable }>>): Readonly<Record<string, Checkable>> {
  return Object.fromEntries(Object.entries(clusters).map(([name, { direct }]) => [`cluster ${name}`, direct]));
}

/** Where an incident is told whose own channel cannot be written to. */
function fallbackOf({ channels }: Config): Place | undefined {
  return channels.default === undefined ? undefined : { channel: channels.default };
}

/** Over HTTP who acts is known by the signing secret alone. */
function mayDecide({ slack, remedies }: Config): boolean {
  return slack.mode === 'socket' || remedies.overHttp;
}
