import { randomUUID } from 'node:crypto';
import type { Chat } from '../../chat/chat.ts';
import { createEngine } from '../../engine/engine.ts';
import { asCodedError, CodedError } from '../../errors.ts';
import type { Checkable } from '../../health.ts';
import { createAccess } from '../../intake/access.ts';
import { createIntake } from '../../intake/create-intake.ts';
import type { Intake } from '../../intake/intake.ts';
import type { People } from '../../intake/people.ts';
import type { SlackGateway } from '../../slack/app.ts';
import type { SlackAccess } from '../../slack/connection/connection.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { endsWithin } from '../../timing/deadline.ts';
import { knowledge } from '../app.ts';
import { type Config, type SlackTokens, slackUse } from '../config.ts';
import { alertMessagesOf, alertSecrets, openWebhooks } from './alerts.ts';
import { openBackend } from './backend.ts';
import { openClusters } from './clusters.ts';
import { openDetection } from './detection.ts';
import { startHeartbeat } from './heartbeat.ts';
import { type Listeners, openListeners } from './listeners.ts';
import { openMetrics } from './metrics.ts';
import { openRemedies } from './remedies.ts';
import { watchStaleSecrets } from './stale-secrets.ts';
import { startWatching } from './watch.ts';

/** A running service. */
export interface Service {
  /** Takes nothing new, ends what it is at within 17 s and hands the rest to others; 28 s in all. Never throws. */
  stop(): Promise<void>;
}

/** Slack's limit for messages in one channel. */
const PACE_MS = 1_000;
/** How long running tasks may take to end before they are handed back, ms. */
const WORKER_MS = 17_000;
/** How long each part may take to close, ms: one after the other less than the 28 s after which the process ends anyway. What takes is closed at once. */
const CLOSE_MS = { taking: 3_500, worker: WORKER_MS + 4_500, other: 500 } as const;

/** A part to close. What is not closed in time is left as it is: it must not keep the others open. */
interface Closer {
  readonly what: string;
  readonly limitMs: number;
  readonly close: () => Promise<unknown>;
}

/** Starts the parts that the configuration asks for. Throws `config/…`, `store/unavailable` and `chat/unavailable` before anything is served. */
export async function openService(config: Config, log: Log): Promise<Service> {
  const taking: Closer[] = [];
  const closers: Closer[] = [];
  async function closeOne({ what, limitMs, close }: Closer): Promise<void> {
    const closed = close().catch((cause: unknown) => log.error('could not be closed', { what, because: asCodedError(cause).message }));
    if (!(await endsWithin(limitMs, closed))) log.warn('was not closed in time', { what, limitMs });
  }
  /** First what takes, then what works, which hands back, and last what both need. */
  async function stop(): Promise<void> {
    await Promise.all(taking.map(closeOne));
    for (const closer of closers.toReversed()) await closeOne(closer);
  }

  try {
    const backend = await openBackend(config, log);
    closers.push({ what: 'store and queue', limitMs: CLOSE_MS.other, close: () => backend.close() });
    const isWorker = config.roles.includes('worker');
    const workFor = isWorker ? config.workFor : [];
    const measured = config.roles.includes('gateway') ? config.clusters.map(({ name }) => name) : workFor;
    const metrics = openMetrics(backend, { clusters: measured, log });
    const useful: Record<string, Checkable> = {};
    const listeners = await openListeners(config, {
      needed: { store: backend },
      useful: () => useful,
      mendedByRestart: watchStaleSecrets(
        () => ({ store: backend, ...(useful['slack'] === undefined ? {} : { slack: useful['slack'] }) }),
        process.env,
      ),
      figures: metrics,
      log,
    });
    closers.push({ what: 'private listener', limitMs: CLOSE_MS.other, close: () => listeners.stop() });
    const slack = config.slackTokens && (await openSlack(config, config.slackTokens, { metrics, addRoute: listeners.addRoute }));
    const known = knowledge();
    const clusters = isWorker || config.roles.includes('executor') ? await openClusters(config, { runbook: known.runbook, metrics }) : {};
    for (const [name, { direct }] of Object.entries(clusters)) useful[`cluster ${name}`] = direct;
    const worked = isWorker ? clusters : {};
    const detection = openDetection(config, { ...backend, clusters: worked, log, metrics });
    closers.push({ what: 'looking after incidents', limitMs: CLOSE_MS.other, close: () => detection.stop() });
    const remedies = await openRemedies(config, { ...backend, clusters, log, metrics });
    const engine = createEngine({
      ...known,
      clusters,
      detector: detection.detector,
      executor: remedies?.executor,
      plans: slack && remedies?.shownBy(slack.people, { decides: mayDecide(config) }),
      store: backend.store,
      queue: backend.queue,
      chat: slack?.chat ?? NO_CHAT,
      paceMs: PACE_MS,
      docsUrl: config.slack.docsUrl,
      fallback: config.channels.default === undefined ? undefined : { channel: config.channels.default },
      log,
      metrics,
      now: () => new Date(),
    });
    const processId = randomUUID();
    const heartbeat = await startHeartbeat({ ...backend, id: processId, roles: config.roles, clusters: workFor, log });
    closers.push({ what: 'sign of life', limitMs: CLOSE_MS.other, close: () => heartbeat.stop() });
    const worker = backend.work({
      clusters: workFor,
      execute: remedies?.executes ?? [],
      speak: slack !== undefined,
      perform: engine.perform,
    });
    closers.push({ what: 'worker', limitMs: CLOSE_MS.worker, close: () => worker.close(WORKER_MS) });
    if (slack) {
      const names = config.clusters.map(({ name }) => name);
      const access = createAccess({ clusters: config.clusters, rules: config.access.rules, people: slack.people });
      const desk = mayDecide(config) ? remedies?.openDesk({ access, people: slack.people, fresh: slack.fresh }) : undefined;
      if (desk) {
        const settle = () =>
          desk.settle().catch((cause: unknown) => log.warn('settling plans failed', { because: asCodedError(cause).message }));
        const settling = setInterval(() => void settle(), SETTLE_MS);
        taking.push({ what: 'settling plans', limitMs: CLOSE_MS.taking, close: async () => clearInterval(settling) });
      }
      const intake = createIntake({
        ...backend,
        plans: desk?.desk,
        clusters: names,
        causes: known.catalogue.causes.map(({ id }) => id),
        keepsRecordings: config.redisUrl !== undefined,
        access,
        now: () => new Date(),
        newId: () => randomUUID(),
        metrics,
        alertMessages: alertMessagesOf(config, { ...backend, log }),
      });
      const gateway = await slack.listen(intake, log);
      useful['slack'] = slackHealth(slack, gateway);
      taking.push({ what: 'Slack', limitMs: CLOSE_MS.taking, close: () => gateway.stop() });
    }
    if (config.roles.includes('gateway'))
      openWebhooks(config, { ...backend, addRoute: listeners.addRoute, log, metrics, environment: alertSecrets(config, process.env) });
    // Gateways only: what was lost may be of any cluster, and others need no way into the queues of all.
    if (config.roles.includes('gateway')) {
      const resume = () => engine.resume().catch((cause: unknown) => log.warn('resuming failed', { because: asCodedError(cause).message }));
      await resume();
      const timer = setInterval(() => void resume(), config.resumeMs);
      taking.push({ what: 'resuming', limitMs: CLOSE_MS.taking, close: async () => clearInterval(timer) });
    }
    const watching = startWatching(config, { clusters: worked, detection, classify: known.classify, processId, log, metrics });
    taking.push({ what: 'the watch', limitMs: CLOSE_MS.taking, close: () => watching.stop() });
    taking.push({ what: 'public listener', limitMs: CLOSE_MS.taking, close: () => listeners.stopServing() });
    await listeners.serve();
    log.info('serving', {
      roles: config.roles,
      clusters: workFor,
      kept: config.redisUrl === undefined ? 'in memory' : 'in Redis',
    });
    return { stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/** How often open plans are looked after, ms. */
const SETTLE_MS = 5_000;

/** Over HTTP who acts is known by the signing secret alone. */
function mayDecide({ slack, remedies }: Config): boolean {
  return slack.mode === 'socket' || remedies.overHttp;
}

/** Both ways: what is said, and what people do. */
function slackHealth({ health }: Slack, gateway: Pick<SlackGateway, 'isConnected'>): Checkable {
  return {
    async check(signal) {
      if (gateway.isConnected()) return health.check(signal);
      return { status: 'ill', says: 'The connection on which what people do in Slack comes in is away. It is tried again.' };
    },
  };
}

/** Both sides of Slack: what is said, and what people do. */
interface Slack {
  readonly chat: Chat;
  /** Of Slack's Web API, with the bot's token. */
  readonly health: Checkable;
  readonly people: People;
  /** The same, and nothing is believed that was asked before. */
  readonly fresh: People;
  listen(intake: Intake, log: Log): Promise<SlackGateway>;
}

/** Loaded on demand: a worker talks to no Slack. */
async function openSlack(
  config: Config,
  tokens: SlackTokens,
  { metrics, addRoute }: { readonly metrics: Metrics; readonly addRoute: Listeners['addRoute'] },
): Promise<Slack> {
  const [{ createSlackChat }, { openSlackGateway }, { createSlackClient }, { checkWay, createSlackNetwork }, { createSlackPeople }] =
    await Promise.all([
      import('../../slack/chat.ts'),
      import('../../slack/app.ts'),
      import('../../slack/connection/connection.ts'),
      import('../../slack/connection/network.ts'),
      import('../../slack/people.ts'),
    ]);
  const { apiUrl, mode } = config.slack;
  checkWay(apiUrl, process.env);
  const network = createSlackNetwork(process.env);
  const common = { botToken: tokens.bot, apiUrl, network, use: slackUse(config) };
  const access: SlackAccess =
    mode === 'socket'
      ? { ...common, mode, appToken: tokens.app ?? '' }
      : { ...common, mode, signingSecret: tokens.signingSecret ?? '', addRoute };
  // The queue waits and tries again, so the client must not.
  const client = createSlackClient(access, 0);
  return {
    chat: createSlackChat(client, metrics),
    health: createSlackChat(client),
    people: createSlackPeople(client),
    fresh: createSlackPeople(client, Date.now, 0),
    listen: (intake, log) => openSlackGateway(access, intake, log),
  };
}

/** A worker is given nothing to say, so nobody calls this. */
const NO_CHAT: Chat = {
  post: refuseToSpeak,
  update: refuseToSpeak,
  find: refuseToSpeak,
  findForgotten: refuseToSpeak,
  notify: refuseToSpeak,
  link: refuseToSpeak,
};

async function refuseToSpeak(): Promise<never> {
  throw new CodedError('engine/no-chat', 'A worker without the role gateway says nothing.');
}
