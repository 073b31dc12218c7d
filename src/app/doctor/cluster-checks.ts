import { guardCluster } from '../../cluster/guarded-cluster.ts';
import { defaultNamespace, loadKubeConfig } from '../../cluster/kubeconfig.ts';
import { createOwnRights, type OwnRights } from '../../cluster/own-rights.ts';
import type { Check, Seen } from '../../doctor/check.ts';
import { type Need, type Right, rightWords } from '../../doctor/rights.ts';
import { registryOf } from '../../facts/image-reference.ts';
import type { Pod } from '../../facts/kubernetes/kubernetes-object.ts';
import { isReadableByAny } from '../../intake/access.ts';
import { count, duration, list } from '../../text/wording.ts';
import { openSources } from '../app.ts';
import type { Config } from '../config.ts';
import { type Access, namedOnly, neededRights, type Place } from './needed-rights.ts';

type ClusterConfig = Config['clusters'][number];
type Opened = Awaited<ReturnType<typeof openSources>>;

/** Clocks that differ by more keep executors from taking grants, ms. */
const SKEW_MS = 5_000;
/** Pods that are looked at for their registries, and registries that are asked. */
const MOST = { pods: 500, registries: 10, named: 5 } as const;
const PING_MS = 5_000;

/** The checks of one cluster, as far as this process works for it. */
export function clusterChecks(cluster: ClusterConfig, config: Config, now: () => Date): readonly Check[] {
  const about = cluster.name;
  const reachable = `cluster-reachable/${about}`;
  const common = { category: 'cluster', about, needs: [reachable] } as const;
  // Both list pods: whoever may not is told so once.
  const listing = { ...common, needs: [reachable, `rights-diagnosis/${about}`] } as const;
  // Opened by the first check, and rested on by the others.
  let opening: Promise<Opened> | undefined;
  const opened = () => {
    opening ??= openSources({ ...cluster, ...config.registries, called: about, holder: 'reader' });
    return opening;
  };
  // One client for each access: the needs of it are many, and a connection of TLS for each would be, too.
  const accounts = new Map<Access, Promise<Account>>();
  const accountOf = (access: Access) => {
    const known = accounts.get(access) ?? openAccount(access);
    accounts.set(access, known);
    return known;
  };
  const podsOf = async (signal: AbortSignal) => podsSeen(cluster, config, (await opened()).direct, signal);
  const isWorker = config.roles.includes('worker');
  return [
    { ...common, id: 'cluster-reachable', needs: [], look: async (signal) => reached((await opened()).direct, signal) },
    { ...common, id: 'clock', look: async (signal) => clockSeen(await (await accountOf(cluster)).rights.clockAheadMs(now, signal), about) },
    ...neededRights(cluster, config).map(
      ({ need, access, places }): Check => ({
        ...common,
        id: need.id,
        look: async (signal) => rightsSeen(need, await accountOf(access), places, signal),
      }),
    ),
    ...(isWorker
      ? [{ ...listing, id: 'kubelet', look: async (signal) => kubeletSeen(cluster, await opened(), podsOf, signal) } satisfies Check]
      : []),
    ...(isWorker && cluster.registry
      ? [
          {
            ...listing,
            category: 'registries',
            id: 'registries',
            look: async (signal) => registriesSeen(await opened(), await podsOf(signal), signal),
          } satisfies Check,
        ]
      : []),
  ];
}

async function reached(direct: Opened['direct'], signal: AbortSignal): Promise<Seen> {
  const { status, says } = await direct.check(signal);
  return status === 'well'
    ? { status: 'ok', says }
    : { status: 'broken', says, hint: 'Look at the kubeconfig, its context and the way to the API server.' };
}

/** Rights as the credentials of an access have them, and the namespace that is theirs. */
interface Account {
  readonly rights: OwnRights;
  readonly namespace: string;
}

async function openAccount({ kubeconfig, context, name: called }: Access): Promise<Account> {
  const config = await loadKubeConfig({ kubeconfig, context, called });
  return { rights: createOwnRights(config, { called }), namespace: defaultNamespace(config) };
}

async function rightsSeen(need: Need, { rights, namespace: own }: Account, places: readonly Place[], signal: AbortSignal): Promise<Seen> {
  const mayIn = (right: Right) => (place: Place) =>
    rights.may({ ...right, ...(place.kind === 'cluster' ? {} : { namespace: place.kind === 'own' ? own : place.name }) }, signal);
  const has = async (right: Right): Promise<boolean> => {
    // A right in all namespaces is one in each of them.
    if (places.length > 1 && (await mayIn(right)({ kind: 'cluster' }))) return true;
    return (await Promise.all(places.map(mayIn(right)))).every(Boolean);
  };
  const answers = await Promise.all(need.rights.map(async (right) => ((await has(right)) ? [] : [right])));
  const missing = answers.flat();
  if (missing.length === 0) return { status: 'ok', says: `${count(need.rights.length, 'right')} there.` };
  const says = `Not allowed${there(places)}: ${missing.slice(0, MOST.named).map(rightWords).join(', ')}${missing.length > MOST.named ? ` and ${missing.length - MOST.named} more` : ''}.`;
  return { status: need.vital ? 'broken' : 'warning', says, hint: `Without that ${need.without}. The roles are in docs/security.md.` };
}

/** The one namespace in which rights have to hold, where it is named. */
function there([place, ...more]: readonly Place[]): string {
  return place?.kind === 'namespace' && more.length === 0 ? ` in ${place.name}` : '';
}

/** Pods that the bot is for and may read, some hundred at most. */
async function podsSeen(
  cluster: ClusterConfig,
  { access }: Config,
  direct: Opened['direct'],
  signal: AbortSignal,
): Promise<readonly Pod[]> {
  const mayRead = (namespace: string) => isReadableByAny(cluster, access.rules, namespace);
  const readable = guardCluster(direct, mayRead);
  const named = namedOnly(cluster.namespaces.allow);
  if (named.length === 0) return (await readable.listPods({ limit: MOST.pods }, signal)).pods;
  const limit = Math.ceil(MOST.pods / named.length);
  return (await Promise.all(named.filter(mayRead).map((namespace) => readable.listPods({ namespace, limit }, signal)))).flatMap(
    ({ pods }) => pods,
  );
}

async function kubeletSeen(
  { kubelet: access }: ClusterConfig,
  { direct, kubelet }: Opened,
  podsOf: (signal: AbortSignal) => Promise<readonly Pod[]>,
  signal: AbortSignal,
): Promise<Seen> {
  if (access === 'off') return { status: 'skipped', says: 'kubelet is off for this cluster.' };
  const name = (await podsOf(signal)).map(({ spec }) => spec.nodeName).find((node) => node != null);
  if (name == null) return { status: 'skipped', says: 'No pod is on a node, so no kubelet is known.' };
  if (access === 'prometheus') {
    await kubelet.sampleMetrics(await direct.readNode(name, signal), signal);
    return { status: 'ok', says: `Prometheus has figures of the kubelet of ${name}.` };
  }
  await kubelet.readConfiguration(await direct.readNode(name, signal), signal);
  return { status: 'ok', says: `The kubelet of ${name} answers (${access}).` };
}

function clockSeen(aheadMs: number | undefined, about: string): Seen {
  if (aheadMs === undefined) return { status: 'skipped', says: 'The API server does not tell its time.' };
  if (Math.abs(aheadMs) <= SKEW_MS) return { status: 'ok', says: 'It agrees with that of the API server.' };
  return {
    status: 'warning',
    says: `The clock here is ${duration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} that of the API server of ${about}.`,
    hint: 'Let both be set by NTP: executors take no grant whose time has not come, and certificates look expired.',
  };
}

/** The registries that the pods' images come from, the most frequent first. */
async function registriesSeen({ registry }: Opened, pods: readonly Pod[], signal: AbortSignal): Promise<Seen> {
  const images = pods.flatMap(({ spec }) => [...(spec.initContainers ?? []), ...spec.containers].flatMap(({ image }) => image ?? []));
  const counts = [...Map.groupBy(images, registryOf)].sort(([, one], [, other]) => other.length - one.length).map(([name]) => name);
  if (counts.length === 0) return { status: 'skipped', says: 'No pod runs, so no registry is known.' };
  const asked = counts.slice(0, MOST.registries);
  const pings = await Promise.all(
    asked.map(async (host) => ({ host, ping: await registry.ping(host, AbortSignal.any([signal, AbortSignal.timeout(PING_MS)])) })),
  );
  const silent = pings.filter(({ ping }) => ping.status !== 'answers').map(({ host }) => host);
  if (silent.length === 0) return { status: 'ok', says: `${list(asked, MOST.named)} ${asked.length === 1 ? 'answers' : 'answer'}.` };
  return {
    status: 'warning',
    says: `Not reached from here: ${list(silent, MOST.named)}. Images of running pods come from there.`,
    hint: 'Nodes may reach them all the same. Let this process out to them, or set registries.allowPrivate or allowLoopback, or registry: false.',
  };
}
