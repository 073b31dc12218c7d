import { Event, Node, Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';

/** A pod as the API server would describe it; give only what the test is about. */
export function podObject(given: {
  name?: string;
  namespace?: string;
  uid?: string;
  node?: string | null;
  phase?: string;
  image?: string;
  pullPolicy?: string;
  waiting?: { reason: string; message?: string };
  running?: boolean;
  pullSecrets?: readonly string[];
  owner?: { kind: string; name: string };
  generateName?: string;
  labels?: Record<string, string>;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}): Pod {
  const state = given.running
    ? { running: { startedAt: '2026-03-01T10:00:00Z' } }
    : { waiting: given.waiting ?? { reason: 'ContainerCreating' } };
  return Pod.parse({
    metadata: {
      name: given.name ?? 'web-0',
      namespace: given.namespace ?? 'shop',
      uid: given.uid ?? `uid-${given.name ?? 'web-0'}`,
      creationTimestamp: '2026-03-01T10:00:00Z',
      ...(given.generateName ? { generateName: given.generateName } : {}),
      ...(given.labels ? { labels: given.labels } : {}),
      ...(given.owner ? { ownerReferences: [{ ...given.owner, uid: 'owner', controller: true }] } : {}),
      ...given.metadata,
    },
    spec: {
      ...(given.node === null ? {} : { nodeName: given.node ?? 'node-1' }),
      containers: [
        { name: 'app', image: given.image ?? 'registry.example/shop/web:1', imagePullPolicy: given.pullPolicy ?? 'IfNotPresent' },
      ],
      imagePullSecrets: (given.pullSecrets ?? []).map((name) => ({ name })),
      ...given.spec,
    },
    status: {
      phase: given.phase ?? (given.running ? 'Running' : 'Pending'),
      containerStatuses: [
        {
          name: 'app',
          image: given.image ?? 'registry.example/shop/web:1',
          imageID: given.running ? 'sha256:1' : '',
          restartCount: 0,
          state,
        },
      ],
      ...given.status,
    },
  });
}

/** An event of the kubelet about container `app` of web-0. */
export function eventObject(given: {
  reason: string;
  message: string;
  first?: string;
  last?: string;
  times?: number;
  fieldPath?: string | null;
  uid?: string;
  pod?: string;
  namespace?: string;
}): Event {
  const last = given.last ?? given.first ?? '2026-03-01T10:00:10Z';
  return Event.parse({
    metadata: { name: 'event', creationTimestamp: given.first ?? last },
    type: given.reason === 'BackOff' ? 'Normal' : 'Warning',
    reason: given.reason,
    message: given.message,
    count: given.times ?? 1,
    firstTimestamp: given.first ?? last,
    lastTimestamp: last,
    involvedObject: {
      kind: 'Pod',
      namespace: given.namespace ?? 'shop',
      name: given.pod ?? 'web-0',
      uid: given.uid ?? 'uid-web-0',
      ...(given.fieldPath === null ? {} : { fieldPath: given.fieldPath ?? 'spec.containers{app}' }),
    },
  });
}

/** A node that is ready and has no images; `status` adds to or replaces what the kubelet reports. */
export function nodeObject(given: { name?: string; status?: Record<string, unknown> } = {}): Node {
  return Node.parse({
    metadata: { name: given.name ?? 'node-1' },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'DiskPressure', status: 'False' },
      ],
      images: [],
      nodeInfo: {
        operatingSystem: 'linux',
        architecture: 'amd64',
        kubeletVersion: 'v1.36.2',
        containerRuntimeVersion: 'containerd://2.1.9',
      },
      ...given.status,
    },
  });
}
