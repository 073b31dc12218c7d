import type { ObjectStore } from '../../src/demo/cluster/object-store.ts';
import { keyOf, type StoredObject, WrittenObject } from '../../src/demo/cluster/objects.ts';
import { resourceOfKind } from '../../src/demo/cluster/resources.ts';

/** Where applications run, and where the freeze is kept. */
export const NAMESPACE = 'shop';
export const BOT_NAMESPACE = 'imagepull';
/** The image whose pods run, and one of another tag. */
export const GOOD = 'registry.example/shop/web:1';
export const BAD = 'registry.example/shop/web:2';

/** Writes an object as controllers and kubelets would, past all that a client may not. */
export function put(store: ObjectStore, kind: string, object: object): void {
  store.put({ ...WrittenObject.parse(object), kind });
}

/** An object as it is kept now; undefined where there is none. */
export function kept(store: ObjectStore, kind: string, name: string, namespace: string | undefined = NAMESPACE): StoredObject | undefined {
  return store.get(resourceOfKind(kind), keyOf(namespace, name));
}

/** What every cluster of these tests has. */
export function putBasics(store: ObjectStore): void {
  for (const name of [NAMESPACE, BOT_NAMESPACE]) put(store, 'Namespace', { metadata: { name }, status: { phase: 'Active' } });
  put(store, 'ServiceAccount', { metadata: { name: 'default', namespace: NAMESPACE } });
  thaw(store);
}

/** Whether remedies are frozen, as `kubectl` would write it. */
export function freeze(store: ObjectStore, reason: string): void {
  put(store, 'ConfigMap', { metadata: { name: 'imagepull-freeze', namespace: BOT_NAMESPACE }, data: { frozen: 'true', reason } });
}

/** The opposite. */
export function thaw(store: ObjectStore): void {
  put(store, 'ConfigMap', { metadata: { name: 'imagepull-freeze', namespace: BOT_NAMESPACE }, data: { frozen: 'false' } });
}

const template = (app: string, image: string, hash?: string) => ({
  metadata: { labels: { app, ...(hash === undefined ? {} : { 'pod-template-hash': hash }) } },
  spec: { containers: [{ name: 'app', image }] },
});

/** A Deployment whose newest revision cannot be pulled, with a pod of the earlier one that runs. */
export function putApplication(store: ObjectStore, app: string, image: string = BAD): void {
  const namespace = NAMESPACE;
  const selector = { matchLabels: { app } };
  put(store, 'Deployment', {
    metadata: {
      name: app,
      namespace,
      uid: `deployment-${app}`,
      labels: { app },
      annotations: { 'deployment.kubernetes.io/revision': '2' },
    },
    spec: { replicas: 1, selector, template: template(app, image) },
    status: { readyReplicas: 1 },
  });
  for (const [hash, revision, its] of [
    ['old', '1', GOOD],
    ['new', '2', image],
  ] as const)
    put(store, 'ReplicaSet', {
      metadata: {
        name: `${app}-${hash}`,
        namespace,
        uid: `set-${app}-${hash}`,
        labels: { app, 'pod-template-hash': hash },
        annotations: { 'deployment.kubernetes.io/revision': revision },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: app, uid: `deployment-${app}`, controller: true }],
      },
      spec: { replicas: 1, selector, template: template(app, its, hash) },
    });
  putPod(store, { app, hash: 'old', name: `${app}-old-0`, image: GOOD, pulled: true });
  putPod(store, { app, hash: 'new', name: `${app}-new-0`, image, pulled: false });
}

/** A pod of a revision, as its ReplicaSet makes it and a kubelet tells of it. */
export function putPod(
  store: ObjectStore,
  given: { readonly app: string; readonly hash: 'old' | 'new'; readonly name: string; readonly image: string; readonly pulled: boolean },
): void {
  const { app, hash, name, image, pulled } = given;
  const state = pulled ? { running: {} } : { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } };
  put(store, 'Pod', {
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `pod-${name}`,
      labels: { app, 'pod-template-hash': hash },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${app}-${hash}`, uid: `set-${app}-${hash}`, controller: true }],
    },
    spec: { serviceAccountName: 'default', containers: [{ name: 'app', image }] },
    status: {
      phase: pulled ? 'Running' : 'Pending',
      containerStatuses: [{ name: 'app', imageID: pulled ? `${image}@sha256:${'0'.repeat(64)}` : '', state }],
    },
  });
}
