import { createHash } from 'node:crypto';

/** What the objects of a cluster have in these tests: enough to be read, and more than remedies look at. */
export type Fields = Readonly<Record<string, unknown>>;
/** An object as the stand-in of an API server takes it. */
export type TestObject = Fields & { readonly kind: string; readonly metadata: Fields & { readonly name: string } };

export const NAMESPACE = 'shop';
export const BOT_NAMESPACE = 'imagepull';
/** The image of a workload's first revision, which runs, and that of its second, which cannot be pulled. */
export const GOOD = 'registry.example/shop/web:1';
export const BAD = 'registry.example/shop/web:2';

/** The digest of a text, as registries write it. */
export const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A pod of an owner that has its image, or cannot get it. */
export function pod(given: {
  readonly name: string;
  readonly image?: string;
  readonly state?: 'failing' | 'pulled' | 'waiting';
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly labels?: Readonly<Record<string, string>>;
  readonly metadata?: Fields;
  readonly node?: string;
  readonly namespace?: string;
}): TestObject {
  const { name, image = BAD, state = 'failing', owner, labels = {}, namespace = NAMESPACE } = given;
  const states = {
    failing: { state: { waiting: { reason: 'ErrImagePull', message: missing(image) } } },
    pulled: { imageID: digestOf(image), state: { running: { startedAt: '2026-03-01T10:00:00Z' } } },
    waiting: { state: { waiting: { reason: 'ContainerCreating' } } },
  };
  return {
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      labels,
      ...(owner === undefined
        ? {}
        : { ownerReferences: [{ ...owner, apiVersion: 'apps/v1', uid: `uid-${owner.name}`, controller: true }] }),
      ...given.metadata,
    },
    spec: { nodeName: given.node ?? 'node-1', serviceAccountName: 'default', containers: [{ name: 'app', image }] },
    status: {
      phase: state === 'pulled' ? 'Running' : 'Pending',
      containerStatuses: [{ name: 'app', image, imageID: '', ...states[state] }],
    },
  };
}

/** What containerd says of an image that is not there. */
const missing = (image: string) =>
  `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;

const template = (app: string, image: string, labels: Fields = {}) => ({
  metadata: { labels: { app, ...labels } },
  spec: { containers: [{ name: 'app', image, env: [{ name: 'PASSWORD', value: 'canary-env' }], args: ['--token=canary-arg'] }] },
});

/** A workload that ran with one image and was given another one: the new pods fail, an old one still runs. */
export function brokenRollout(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  name: string,
  failing = 2,
  { good, bad } = { good: GOOD, bad: BAD },
): readonly TestObject[] {
  const revision = (number: number) => ({ number, name: `${name}-r${number}`, image: number === 1 ? good : bad });
  const owned = { ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: `uid-${name}`, controller: true }] };
  const isDeployment = kind === 'Deployment';
  const workload: TestObject = {
    kind,
    metadata: { name, namespace: NAMESPACE, uid: `uid-${name}`, labels: { app: name }, generation: 2 },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas: failing + 1 }),
      selector: { matchLabels: { app: name } },
      template: template(name, bad),
    },
    status: kind === 'DaemonSet' ? { numberReady: 1 } : { readyReplicas: 1 },
  };
  const revisions = [1, 2].map(revision).map(({ number, name: called, image }): TestObject => {
    const metadata = { name: called, namespace: NAMESPACE, uid: `uid-${called}`, ...owned };
    if (isDeployment)
      return {
        kind: 'ReplicaSet',
        metadata: {
          ...metadata,
          labels: { app: name, 'pod-template-hash': `r${number}` },
          annotations: { 'deployment.kubernetes.io/revision': String(number) },
        },
        spec: {
          replicas: 1,
          selector: { matchLabels: { app: name } },
          template: template(name, image, { 'pod-template-hash': `r${number}` }),
        },
      };
    return {
      kind: 'ControllerRevision',
      metadata: { ...metadata, labels: { app: name, 'controller-revision-hash': called } },
      revision: number,
      data: { spec: { template: { ...template(name, image), $patch: 'replace' } } },
    };
  });
  const podOf = (number: number, index: number, state: 'failing' | 'pulled') => {
    const called = revision(number).name;
    return pod({
      name: `${called}-${index}`,
      image: revision(number).image,
      state,
      owner: isDeployment ? { kind: 'ReplicaSet', name: called } : { kind, name },
      labels: { app: name, ...(isDeployment ? { 'pod-template-hash': `r${number}` } : { 'controller-revision-hash': called }) },
    });
  };
  return [workload, ...revisions, podOf(1, 0, 'pulled'), ...Array.from({ length: failing }, (_, index) => podOf(2, index, 'failing'))];
}

/** What every cluster of these tests has: a node, a service account, and a freeze that does not hold. */
export const BASICS: readonly TestObject[] = [
  { kind: 'Namespace', metadata: { name: NAMESPACE } },
  { kind: 'Namespace', metadata: { name: BOT_NAMESPACE } },
  {
    kind: 'Node',
    metadata: { name: 'node-1', uid: 'uid-node-1' },
    spec: {},
    status: { nodeInfo: { operatingSystem: 'linux', architecture: 'amd64' } },
  },
  { kind: 'ServiceAccount', metadata: { name: 'default', namespace: NAMESPACE } },
  { kind: 'ConfigMap', metadata: { name: 'imagepull-freeze', namespace: BOT_NAMESPACE }, data: { frozen: 'false' } },
];
