import { z } from 'zod';
import { resourceOfKind } from '../cluster/resources.ts';
import type { Environment } from '../player/environment.ts';
import { NAMESPACE } from '../player/setting.ts';
import type { BehindState, RequestsState } from './state.ts';

const MAX_REQUESTS = 60;
const MAX_LINE = 300;
const MAX_PODS = 60;
const MAX_WARNINGS = 20;
const FIGURES_LIMIT_MS = 2_000;

const Pod = z.looseObject({
  metadata: z.looseObject({ name: z.string(), deletionTimestamp: z.string().nullish() }),
  spec: z.looseObject({ nodeName: z.string().nullish(), containers: z.array(z.looseObject({ image: z.string() })) }),
  status: z.looseObject({
    phase: z.string().nullish(),
    containerStatuses: z
      .array(z.looseObject({ state: z.looseObject({ waiting: z.looseObject({ reason: z.string() }).nullish() }).nullish() }))
      .nullish(),
  }),
});
const Workload = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    replicas: z.number().nullish(),
    template: z.looseObject({ spec: z.looseObject({ containers: z.array(z.looseObject({ image: z.string() })) }) }),
  }),
  status: z.looseObject({ readyReplicas: z.number().nullish() }).nullish(),
});
const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'];
const LogLine = z.looseObject({ level: z.string(), msg: z.string().optional(), message: z.string().optional() });

/** What the bot says of itself. */
export interface Figures {
  readonly tasks: number | undefined;
  readonly kept: BehindState['kept'];
}

/** Asks the bot for them. */
export async function figuresOf(environment: Environment): Promise<Figures> {
  const [tasks, kept] = await Promise.all([tasksOf(environment), environment.bot.kept()]);
  return { tasks, kept };
}

/** What happens behind the scenes of an environment. */
export function behindState(environment: Environment, { tasks, kept }: Figures): BehindState {
  const { cluster, registry, mirror } = environment;
  const hosts = [registry, mirror].flatMap((one) => (one ? [`${one.host}/`] : []));
  const short = (image: string) => hosts.reduce((name, host) => name.replace(host, ''), image);
  return {
    cluster: requestsState(cluster?.requests ?? []),
    registry: requestsState(registry?.requests ?? []),
    ...(mirror ? { mirror: requestsState(mirror.requests) } : {}),
    pods: podsState(environment, short),
    workloads: KINDS.flatMap((kind) =>
      inNamespace(environment, kind).map((object) => {
        const { metadata, spec, status } = Workload.parse(object);
        const wanted = spec.replicas == null ? '' : ` of ${spec.replicas}`;
        const image = short(spec.template.spec.containers[0]?.image ?? '');
        return { name: metadata.name, kind, image, ready: `${status?.readyReplicas ?? 0}${wanted} ready` };
      }),
    ),
    warnings: warningsIn(environment.log()),
    ...(tasks === undefined ? {} : { tasks }),
    kept,
  };
}

function podsState(environment: Environment, short: (image: string) => string): BehindState['pods'] {
  const pods = inNamespace(environment, 'Pod').map((object) => {
    const { metadata, spec, status } = Pod.parse(object);
    const waiting = status.containerStatuses?.find(({ state }) => state?.waiting)?.state?.waiting?.reason;
    return {
      name: metadata.name,
      image: short(spec.containers[0]?.image ?? ''),
      state: metadata.deletionTimestamp == null ? (waiting ?? status.phase ?? 'Pending') : 'Terminating',
      node: spec.nodeName ?? '',
    };
  });
  return { total: pods.length, running: pods.filter(({ state }) => state === 'Running').length, shown: pods.slice(0, MAX_PODS) };
}

function inNamespace({ cluster }: Environment, kind: string): readonly unknown[] {
  if (cluster === undefined) return [];
  const prefix = `${NAMESPACE}/`;
  return [...cluster.store.range(resourceOfKind(kind), { prefix, from: prefix })].map(([, object]) => object);
}

/** The oldest of them are forgotten at some time, so that the count is of those that are known. */
function requestsState(requests: readonly string[]): RequestsState {
  const first = Math.max(0, requests.length - MAX_REQUESTS);
  return { total: requests.length, last: requests.slice(first).map((line, at) => ({ at: first + at, line: line.slice(0, MAX_LINE) })) };
}

function warningsIn(log: string): readonly string[] {
  return log
    .split('\n')
    .filter((line) => /"level":"(?:warn|error)"/.test(line))
    .slice(-MAX_WARNINGS)
    .map((line) => {
      const { level, msg, message = msg ?? '', time: _, ...fields } = LogLine.parse(JSON.parse(line));
      return `${level}: ${message} ${JSON.stringify(fields)}`.slice(0, MAX_LINE);
    });
}

/** How many tasks the bot has, as its own figures say; undefined where it does not answer. */
async function tasksOf(environment: Environment): Promise<number | undefined> {
  const line = environment
    .log()
    .split('\n')
    // Of its newest life.
    .findLast((text) => text.includes('"listening for health checks and figures"'));
  const port = /"port":(\d{1,5})\b/.exec(line ?? '')?.[1];
  if (port === undefined) return undefined;
  const signal = AbortSignal.timeout(FIGURES_LIMIT_MS);
  const figures = await fetch(`http://127.0.0.1:${port}/metrics`, { signal }).then(
    (answer) => answer.text(),
    () => '',
  );
  const counts = [...figures.matchAll(/^imagepull_queue_tasks\{[^}\n]{0,200}\} (\d{1,9})$/gm)].map(([, count]) => Number(count));
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}
