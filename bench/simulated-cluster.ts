/**
 * A cluster of any size in a process of its own: nodes, pods that run, and pods that fail with an event each. Called with the number of pods, by
 * bench/sizing.ts also with how many more fail and the registry that answers them 503. A message with the name of a pod lets that one fail, any other is
 * answered with how many requests came.
 */
import { startCluster } from '../src/demo/cluster/cluster-server.ts';

const PODS = Number(process.argv[2]);
const FAILING_PODS = Number(process.argv[3] ?? 0);
const REGISTRY = process.argv[4] ?? 'registry.example';
const PODS_OF_NODE = 30;
/** Of those that fail at the start. */
const FAILING_OF_NAMESPACE = 20;
const IMAGES = 300;
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
const containersOf = (image: string) => [{ name: 'app', image, env: ENVIRONMENT }];
const CONTAINERS = containersOf(IMAGE);
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

const unavailable = (image: string) =>
  `failed to resolve reference "${image}": unexpected status from HEAD request to http://${REGISTRY}/v2/: 503 Service Unavailable`;
for (let n = 0; n < FAILING_PODS; n++) {
  const [namespace, name] = [`team-${Math.floor(n / FAILING_OF_NAMESPACE) % NAMESPACES}`, `api-${n}`];
  const image = `${REGISTRY}/shop/api-${n % IMAGES}:1`;
  const message = `Failed to pull image "${image}": ${unavailable(image)}`;
  const waiting = { reason: 'ErrImagePull', message };
  const { containerStatuses, ...status } = statusOf({ waiting });
  const { uid } = cluster.store.put({
    kind: 'Pod',
    metadata: { ...COMMON, namespace, name, uid: `uid-${namespace}-${name}` },
    spec: {
      nodeName: `node-${n % Math.ceil(PODS / PODS_OF_NODE)}`,
      serviceAccountName: 'default',
      containers: containersOf(image),
      tolerations: TOLERATIONS,
    },
    status: { ...status, phase: 'Pending', containerStatuses: containerStatuses.map((one) => ({ ...one, image })) },
  }).metadata;
  const event = {
    involvedObject: { kind: 'Pod', namespace, name, uid },
    reason: 'Failed',
    type: 'Warning',
    message,
    count: 1,
    lastTimestamp: new Date().toISOString(),
  };
  cluster.store.put({ kind: 'Event', metadata: { namespace, name: `${name}.1` }, ...event });
}

process.on('message', ({ fail }: { readonly fail?: string }) => {
  if (fail === undefined) return process.send?.({ requests: cluster.requests.length });
  const [namespace = '', name = ''] = fail.split('/');
  const { uid } = make(namespace, name, 1, FAILING).metadata;
  const event = { involvedObject: { kind: 'Pod', namespace, name, uid }, reason: 'Failed', type: 'Warning' };
  return cluster.store.put({ kind: 'Event', metadata: { namespace, name: `${name}.${cluster.store.version}` }, ...event });
});
process.on('disconnect', () => process.exit());
process.stdout.write(`${cluster.url}\n`);
