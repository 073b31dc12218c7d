import { isDeepStrictEqual } from 'node:util';
import type { StoredObject } from '../cluster/objects.ts';
import { resourceOfKind } from '../cluster/resources.ts';
import { templateHash } from './names.ts';
import { Owned } from './owned.ts';
import { type ControllerParts, reconcileEach } from './reconciler.ts';
import { nextSizes } from './rolling-update.ts';
import { controllerReference, Deployment, type PodTemplate, ReplicaSet } from './shapes.ts';

const [DEPLOYMENTS, REPLICA_SETS] = [resourceOfKind('Deployment'), resourceOfKind('ReplicaSet')];
const REVISION = 'deployment.kubernetes.io/revision';
const HASH = 'pod-template-hash';
const HISTORY_LIMIT = 10;

/** Rolls Deployments out by ReplicaSets, one for each template, with revisions. The strategy is always RollingUpdate. */
export function runDeployments(parts: ControllerParts): () => void {
  const sets = new Owned(parts.store, REPLICA_SETS);
  const end = reconcileEach(parts, { kind: 'Deployment', owned: ['ReplicaSet'], reconcile: (key) => reconcile(parts, sets, key) });
  return () => {
    end();
    sets.end();
  };
}

/** A ReplicaSet as it is kept, and what is read of it. */
interface Set {
  readonly object: StoredObject;
  readonly read: ReplicaSet;
}

function reconcile({ store }: ControllerParts, owned: Owned, key: string): void {
  const object = store.get(DEPLOYMENTS, key);
  if (object === undefined || object.metadata.deletionTimestamp != null) return;
  const deployment = Deployment.parse(object);
  const sets = owned
    .of(deployment.metadata.uid)
    .map((set) => ({ object: set, read: ReplicaSet.parse(set) }))
    .sort((one, two) => revisionOf(one) - revisionOf(two));
  const last = Math.max(0, ...sets.map(revisionOf));
  const known = sets.find(({ read }) => isDeepStrictEqual(withoutHash(read.spec.template), withoutHash(deployment.spec.template)));
  // The next look comes with the set's own change.
  if (known === undefined) return void store.write(REPLICA_SETS, newSet(deployment, last + 1));
  // A template that comes back is the newest revision again.
  const revision = revisionOf(known) === last ? last : last + 1;
  const others = sets.filter((set) => set !== known);
  const sizes = nextSizes(deployment, { newest: sizeOf(known), others: others.map(sizeOf) });
  for (const set of sets) {
    const annotations = { ...set.read.metadata.annotations, ...(set === known ? { [REVISION]: String(revision) } : {}) };
    const replicas = sizes.get(set.read.metadata.name) ?? 0;
    const next = { ...set.object, metadata: { ...set.object.metadata, annotations }, spec: { ...set.read.spec, replicas } };
    if (replicas !== sizeOf(set).wanted || !isDeepStrictEqual(annotations, set.read.metadata.annotations)) store.write(REPLICA_SETS, next);
  }
  const limit = deployment.spec.revisionHistoryLimit ?? HISTORY_LIMIT;
  const spent = others.filter((set) => sizeOf(set).wanted === 0);
  for (const { read } of spent.slice(0, Math.max(0, spent.length - limit)))
    store.remove(REPLICA_SETS, `${read.metadata.namespace}/${read.metadata.name}`);
  tell({ store }, object, { revision, sets, newest: known });
}

function tell(
  { store }: Pick<ControllerParts, 'store'>,
  object: StoredObject,
  { revision, sets, newest }: { readonly revision: number; readonly sets: readonly Set[]; readonly newest: Set },
): void {
  const available = sets.reduce((sum, set) => sum + sizeOf(set).available, 0);
  const replicas = sets.reduce((sum, set) => sum + sizeOf(set).wanted, 0);
  const status = {
    observedGeneration: object.metadata.generation ?? 1,
    replicas,
    updatedReplicas: sizeOf(newest).wanted,
    readyReplicas: available,
    availableReplicas: available,
    unavailableReplicas: replicas - available,
  };
  const annotations = { ...Object(object.metadata['annotations']), [REVISION]: String(revision) };
  if (isDeepStrictEqual(object['status'], status) && isDeepStrictEqual(object.metadata['annotations'], annotations)) return;
  store.write(DEPLOYMENTS, { ...object, metadata: { ...object.metadata, annotations }, status });
}

function newSet({ metadata, spec }: Deployment, revision: number) {
  const hash = templateHash(spec.template);
  const labels = { ...spec.template.metadata?.labels, [HASH]: hash };
  return {
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace,
      labels,
      annotations: { ...metadata.annotations, [REVISION]: String(revision) },
      ownerReferences: [controllerReference('Deployment', metadata)],
      generation: 1,
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: { ...spec.selector.matchLabels, [HASH]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
    status: { replicas: 0 },
  };
}

function sizeOf({ read }: Set) {
  return { name: read.metadata.name, wanted: read.spec.replicas ?? 1, available: read.status?.availableReplicas ?? 0 };
}

function revisionOf({ read }: Set): number {
  return Number(read.metadata.annotations?.[REVISION] ?? 0);
}

/** A template without the label by which the ReplicaSet tells its pods. */
function withoutHash({ metadata, ...template }: PodTemplate): object {
  const { [HASH]: _, ...labels } = metadata?.labels ?? {};
  return { ...template, metadata: { ...metadata, labels } };
}
