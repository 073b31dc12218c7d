import { EXECUTOR, type Need, PROVER, READER } from '../../doctor/rights.ts';
import type { Config } from '../config.ts';

type ClusterConfig = Config['clusters'][number];

/** How credentials of a cluster are found. */
export type Access = Pick<ClusterConfig, 'kubeconfig' | 'context' | 'name'>;

/** The whole cluster, a namespace, or the one that the credentials name. */
export type Place = { readonly kind: 'cluster' } | { readonly kind: 'own' } | { readonly kind: 'namespace'; readonly name: string };

/** Rights that a process needs in a cluster. */
export interface NeededRights {
  readonly need: Need;
  /** Whose rights they have to be. */
  readonly access: Access;
  /** In each of them. */
  readonly places: readonly Place[];
}

/** What a process needs in a cluster by its roles and its configuration: the same that the chart gives for it. */
export function neededRights(cluster: ClusterConfig, config: Config): readonly NeededRights[] {
  const { executor } = cluster;
  const isWorker = config.roles.includes('worker');
  const given = (needs: readonly Need[], access: Access, places: Places) =>
    needs
      .filter((need) => isWanted(need, cluster, config))
      .map((need) => ({ need: named(need, config), access, places: placesOf(need, places) }));
  const diagnosed = namedOnly(cluster.namespaces.allow);
  const lease = config.watch.lease === 'off' ? undefined : config.watch.lease.namespace;
  const reader: Places = { namespaces: diagnosed, own: lease, nodeTasks: undefined };
  if (!config.roles.includes('executor') || executor === undefined) return isWorker ? given(READER, cluster, reader) : [];
  const changed = namedOnly(executor.namespaces ?? cluster.namespaces.allow);
  return [
    // A worker has all of it.
    ...given(isWorker ? READER : PROVER, cluster, reader),
    ...given(
      EXECUTOR,
      { ...cluster, ...executor },
      { namespaces: changed, own: executor.namespace, nodeTasks: cluster.nodeTasks?.namespace },
    ),
  ];
}

/** Where the bot is for some namespaces alone, these: roles in them are enough. None where a pattern is among them. */
export function namedOnly(allow: readonly string[] = []): readonly string[] {
  return allow.some((name) => name.includes('*')) ? [] : allow;
}

interface Places {
  /** Empty for all. */
  readonly namespaces: readonly string[];
  readonly own: string | undefined;
  readonly nodeTasks: string | undefined;
}

const CLUSTER: Place = { kind: 'cluster' };
const placeOf = (name: string): Place => ({ kind: 'namespace', name });

function placesOf({ where }: Need, { namespaces, own, nodeTasks }: Places): readonly Place[] {
  switch (where) {
    case 'namespaces':
      return namespaces.length === 0 ? [CLUSTER] : namespaces.map(placeOf);
    case 'cluster':
      return [CLUSTER];
    case 'own':
      return [own === undefined ? { kind: 'own' } : placeOf(own)];
    case 'node-tasks':
      return nodeTasks === undefined ? [] : [placeOf(nodeTasks)];
    case 'default':
      return [placeOf('default')];
    default:
      return where satisfies never;
  }
}

/** What the configuration does without is not asked for. */
function isWanted({ role, id }: Need, { secrets, kubelet, executor, nodeTasks }: ClusterConfig, { watch }: Config): boolean {
  switch (role) {
    case 'secret-reader':
      return secrets;
    case 'kubelet-reader':
      return kubelet === 'direct';
    case 'lease':
      return watch.enabled && watch.lease !== 'off';
    case 'executor-nodes':
    case 'executor-node-events':
      return executor?.nodes !== false;
    case 'executor-node-tasks':
    case 'node-task':
      return nodeTasks !== undefined && nodeTasks.mode !== 'off';
    case 'approver':
      return executor?.approver !== 'off';
    default:
      return watch.enabled || (id !== 'rights-watch' && id !== 'rights-namespaces');
  }
}

/** The Lease that the configuration names. */
function named(need: Need, { watch: { lease } }: Config): Need {
  if (need.role !== 'lease' || lease === 'off') return need;
  return { ...need, rights: need.rights.map((right) => (right.name === undefined ? right : { ...right, name: lease.name })) };
}
