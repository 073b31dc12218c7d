/**
 * A cluster of any size on a loopback port, in a process of its own: lists of healthy pods in pages, pods that fail, and a stream of events.
 * Called by bench/watch.ts with the number of pods.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const PODS = Number(process.argv[2]);
const PODS_OF_NODE = 30;
const OLD = '2026-03-01T10:00:00Z';
const IMAGE = 'registry.example/shop/web:1.27.3';
const streams = new Set<ServerResponse>();
let version = 1_000;
let requests = 0;

/** About 3 kB, as pods without their managed fields are. */
function podJson(namespace: string, name: string, node: number, state: object): string {
  return JSON.stringify({
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      resourceVersion: '900',
      creationTimestamp: OLD,
      labels: { app: 'web', 'pod-template-hash': '7d4b9c6f5', team: 'shop', tier: 'frontend' },
      annotations: { 'example.com/checksum': 'x'.repeat(600) },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7d4b9c6f5', uid: 'rs', controller: true }],
    },
    spec: {
      nodeName: `node-${node}`,
      serviceAccountName: 'default',
      containers: [
        { name: 'app', image: IMAGE, env: Array.from({ length: 12 }, (_, n) => ({ name: `SETTING_${n}`, value: 'y'.repeat(40) })) },
      ],
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
    },
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: OLD,
      })),
      containerStatuses: [{ name: 'app', image: IMAGE, imageID: 'sha256:1', ready: true, restartCount: 0, state }],
    },
  });
}

const RUNNING = { running: { startedAt: OLD } };
const FAILING = { waiting: { reason: 'ErrImagePull', message: `failed to resolve reference "${IMAGE}": not found` } };

function page(from: number, limit: number): string {
  const to = Math.min(PODS, from + limit);
  const items: string[] = [];
  for (let n = from; n < to; n++) items.push(podJson(`team-${n % 500}`, `web-${n}`, Math.floor(n / PODS_OF_NODE), RUNNING));
  const more = to < PODS ? `,"continue":"${to}","remainingItemCount":${PODS - to}` : '';
  return `{"metadata":{"resourceVersion":"${version}"${more}},"items":[${items.join(',')}]}`;
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://api');
  const send = (body: string) => response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  if (url.pathname === '/emit') {
    version += 1;
    const [namespace = '', name = ''] = (url.searchParams.get('pod') ?? '').split('/');
    const object = {
      metadata: { resourceVersion: String(version) },
      involvedObject: { namespace, name, uid: `uid-${namespace}-${name}` },
      reason: 'Failed',
    };
    for (const stream of streams) stream.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    return send('{}');
  }
  if (url.pathname === '/requests') return send(String(requests));
  requests += 1;
  if (url.pathname === '/api/v1/events') {
    if (url.searchParams.get('watch') !== '1') return send(`{"metadata":{"resourceVersion":"${version}"},"items":[]}`);
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    streams.add(response);
    response.on('close', () => streams.delete(response));
    return;
  }
  if (url.pathname === '/api/v1/pods')
    return send(page(Number(url.searchParams.get('continue') ?? 0), Number(url.searchParams.get('limit'))));
  const [, namespace = '', name = ''] = /\/namespaces\/([^/]+)\/pods\/([^/]+)$/.exec(url.pathname) ?? [];
  return send(podJson(namespace, name, 1, FAILING));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on('disconnect', () => process.exit());
