/**
 * A cluster of any size in a process of its own: nodes, pods that run, and pods that fail with an event each. Called by bench/watch.ts with the number
 * of pods; a message with the name of a pod lets that one fail, any other is answered with how many requests came.
 */
import { startCluster } from '../src/demo/cluster/cluster-server.ts';

const PODS = Number(process.argv[2]);
const PODS_OF_NODE = 30;
const NAMESPACES = 500;
const OLD = '2026-03-01T10:00:00Z';
const IMAGE = 'registry.example/shop/web:1.27.3';

// What all have in common is there once; in JSON a pod has about 3 kB, as pods without their managed fields have.
const COMMON = {
  creationTimestamp: OLD,
  labels: { app: 'web', 'pod-template-hash': '7d4b9c6f5', team: 'shop', tier: 'frontend' },
  annotations: { 'example.com/checksum': 'x'.repeat(600) },
  ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7d4b9c6f5', uid: 'rs', controller: true }],
};
const ENVIRONMENT = Array.from({ length: 12 }, (_, n) => ({ name: `SETTING_${n}`, value: 'y'.repeat(40) }));
const CONTAINERS = [{ name: 'app', image: IMAGE, env: ENVIRONMENT }];
const TOLERATIONS = [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }];
const statusOf = (state: object) => ({
  phase: 'Running',
  podIP: '10.0.0.1',
  conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: OLD,
  })),
  containerStatuses: [{ name: 'app', image: IMAGE, imageID: 'sha256:1', ready: true, restartCount: 0, state }],
});
const RUNNING = statusOf({ running: { startedAt: OLD } });
const FAILING = statusOf({ waiting: { reason: 'ErrImagePull', message: `failed to resolve reference "${IMAGE}": not found` } });

const NODE_STATUS = { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { architecture: 'amd64', operatingSystem: 'linux' } };

const cluster = await startCluster();
const make = (namespace: string, name: string, node: number, status: object) =>
  cluster.store.put({
    kind: 'Pod',
    metadata: { ...COMMON, namespace, name, uid: `uid-${namespace}-${name}` },
    spec: { nodeName: `node-${node}`, serviceAccountName: 'default', containers: CONTAINERS, tolerations: TOLERATIONS },
    status,
  });
for (let n = 0; n < NAMESPACES; n++) cluster.store.put({ kind: 'Namespace', metadata: { name: `team-${n}` } });
for (let n = 0; n < PODS / PODS_OF_NODE; n++) cluster.store.put({ kind: 'Node', metadata: { name: `node-${n}` }, status: NODE_STATUS });
for (let n = 0; n < PODS; n++) make(`team-${n % NAMESPACES}`, `web-${n}`, Math.floor(n / PODS_OF_NODE), RUNNING);
cluster.store.compact();

process.on('message', ({ fail }: { readonly fail?: string }) => {
  if (fail === undefined) return process.send?.({ requests: cluster.requests.length });
  const [namespace = '', name = ''] = fail.split('/');
  const { uid } = make(namespace, name, 1, FAILING).metadata;
  const event = { involvedObject: { kind: 'Pod', namespace, name, uid }, reason: 'Failed', type: 'Warning' };
  return cluster.store.put({ kind: 'Event', metadata: { namespace, name: `${name}.${cluster.store.version}` }, ...event });
});
process.on('disconnect', () => process.exit());
process.stdout.write(`${cluster.url}\n`);
