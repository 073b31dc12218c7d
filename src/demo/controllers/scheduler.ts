import { z } from 'zod';
import type { StoredObject } from '../cluster/objects.ts';
import { type Resource, resourceOfKind } from '../cluster/resources.ts';
import type { ControllerParts } from './reconciler.ts';
import { Pod } from './shapes.ts';

const [PODS, NODES, EVENTS]: readonly [Resource, Resource, Resource] = [
  resourceOfKind('Pod'),
  resourceOfKind('Node'),
  resourceOfKind('Event'),
];
/** How long a pod waits for its node, ms. */
const TAKES_MS = 30;
const NodeSpec = z
  .looseObject({ unschedulable: z.boolean().nullish(), taints: z.array(z.looseObject({ effect: z.string() })).nullish() })
  .nullish();

/** Gives each pod without a node the one that has the fewest pods, cordoned and tainted ones left out. Knows nothing of resources, tolerations or affinity. */
export function runScheduler({ store, clock, random }: ControllerParts): () => void {
  /** How many pods are on each node. */
  const pods = new Map<string, number>();
  function count(object: StoredObject | undefined, by: number): void {
    const on = object === undefined ? '' : (Pod.parse(object).spec.nodeName ?? '');
    if (on !== '') pods.set(on, (pods.get(on) ?? 0) + by);
  }
  for (const [, pod] of store.range(PODS, { prefix: '', from: '' })) count(pod, 1);

  /** Pods that no node would take; each change of a node may help them. */
  const unplaced = new Set<string>();
  function bind(key: string): void {
    const object = store.get(PODS, key);
    if (object === undefined || object.metadata.deletionTimestamp != null) return void unplaced.delete(key);
    const { metadata, spec } = Pod.parse(object);
    if (spec.nodeName) return;
    const nodes = [...store.range(NODES, { prefix: '', from: '' })].filter(([, node]) => isOpen(node)).map(([name]) => name);
    const [nodeName] = nodes.sort((one, two) => (pods.get(one) ?? 0) - (pods.get(two) ?? 0));
    if (nodeName === undefined) return void unplaced.add(key);
    unplaced.delete(key);
    const scheduled = { type: 'PodScheduled', status: 'True' };
    store.write(PODS, { ...object, spec: { ...spec, nodeName }, status: { phase: 'Pending', conditions: [scheduled] } });
    store.write(EVENTS, {
      metadata: { name: `${metadata.name}.${Math.floor(random() * 2 ** 48).toString(16)}`, namespace: metadata.namespace },
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${metadata.namespace}/${metadata.name} to ${nodeName}`,
      eventTime: clock.now().toISOString(),
      firstTimestamp: null,
      lastTimestamp: null,
      involvedObject: { kind: 'Pod', apiVersion: 'v1', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid },
      source: {},
      reportingComponent: 'default-scheduler',
      reportingInstance: 'default-scheduler-demo',
      action: 'Binding',
    });
  }
  const ends = [
    store.watch(NODES, () => {
      for (const key of unplaced) clock.after(TAKES_MS, () => bind(key));
    }),
    store.watch(PODS, ({ key, before, after }) => {
      count(before, -1);
      count(after, 1);
      if (after !== undefined && before === undefined) clock.after(TAKES_MS, () => bind(key));
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function isOpen(node: StoredObject): boolean {
  const spec = NodeSpec.parse(node['spec']);
  return spec?.unschedulable !== true && !(spec?.taints ?? []).some(({ effect }) => effect === 'NoSchedule');
}
