import { resourceOfKind } from '../cluster/resources.ts';
import { deleteObject } from '../cluster/writes/delete-object.ts';
import { nameSuffix } from './names.ts';
import { Owned } from './owned.ts';
import { type ControllerParts, reconcileEach } from './reconciler.ts';
import { controllerReference, isReady, Pod, ReplicaSet } from './shapes.ts';

const [REPLICA_SETS, PODS, ACCOUNTS] = [resourceOfKind('ReplicaSet'), resourceOfKind('Pod'), resourceOfKind('ServiceAccount')];

/** Keeps as many pods of each ReplicaSet as it wants. */
export function runReplicaSets(parts: ControllerParts): () => void {
  const pods = new Owned(parts.store, PODS);
  const end = reconcileEach(parts, { kind: 'ReplicaSet', owned: ['Pod'], reconcile: (key) => reconcile(parts, pods, key) });
  return () => {
    end();
    pods.end();
  };
}

function reconcile({ store, random }: ControllerParts, pods: Owned, key: string): void {
  const object = store.get(REPLICA_SETS, key);
  if (object === undefined || object.metadata.deletionTimestamp != null) return;
  const set = ReplicaSet.parse(object);
  const own = pods.of(set.metadata.uid).map((pod) => Pod.parse(pod));
  const live = own.filter(({ metadata }) => metadata.deletionTimestamp == null);
  const wanted = set.spec.replicas ?? 1;
  for (let missing = wanted - live.length; missing > 0; missing--) store.write(PODS, newPod(set, { store, random }));
  for (const { metadata } of leaving(live, live.length - wanted)) deleteObject(store, PODS, `${metadata.namespace}/${metadata.name}`);
  const ready = live.filter(isReady).length;
  const status = {
    replicas: live.length,
    fullyLabeledReplicas: live.length,
    readyReplicas: ready,
    availableReplicas: ready,
    observedGeneration: object.metadata.generation ?? 1,
  };
  if (JSON.stringify(object['status']) !== JSON.stringify(status)) store.write(REPLICA_SETS, { ...object, status });
}

/** Those that are not ready go first, then the youngest. */
function leaving(live: readonly Pod[], count: number): readonly Pod[] {
  if (count <= 0) return [];
  const since = ({ metadata }: Pod) => String(metadata['creationTimestamp']);
  return live.toSorted((one, two) => Number(isReady(one)) - Number(isReady(two)) || since(two).localeCompare(since(one))).slice(0, count);
}

/** A pod as the template has it, with the pull secrets of its service account where it names none: the admission plugin ServiceAccount. */
function newPod({ metadata, spec }: ReplicaSet, { store, random }: Pick<ControllerParts, 'store' | 'random'>) {
  const { template } = spec;
  const account = template.spec.serviceAccountName ?? 'default';
  const ofAccount = store.get(ACCOUNTS, `${metadata.namespace}/${account}`)?.['imagePullSecrets'];
  const { imagePullSecrets } = template.spec;
  return {
    metadata: {
      name: `${metadata.name}-${nameSuffix(random)}`,
      generateName: `${metadata.name}-`,
      namespace: metadata.namespace,
      labels: template.metadata?.labels ?? {},
      ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
      ownerReferences: [controllerReference('ReplicaSet', metadata)],
      generation: 1,
    },
    spec: {
      ...template.spec,
      serviceAccountName: account,
      ...(imagePullSecrets?.length || ofAccount === undefined ? {} : { imagePullSecrets: ofAccount }),
    },
    status: { phase: 'Pending' },
  };
}
