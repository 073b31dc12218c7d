import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Later } from '../clock.ts';
import type { ObjectStore } from '../cluster/object-store.ts';
import { keyOf, type StoredObject } from '../cluster/objects.ts';
import { resourceOfKind } from '../cluster/resources.ts';
import { deleteObject } from '../cluster/writes/delete-object.ts';
import { BackOff } from './back-off.ts';
import { createRecorder, type Said } from './events.ts';
import type { NodeDisk } from './node-disk.ts';
import { type Container, type ContainerState, podStatus } from './pod-status.ts';
import { type Pulled, pull } from './pull.ts';
import { loginFor, missingSecrets } from './pull-secrets.ts';
import { whyUnpullable } from './unpullable.ts';

/** What a kubelet works with. */
export interface KubeletParts {
  readonly store: ObjectStore;
  readonly clock: Later;
  /** From nought to one, as Math.random. */
  readonly random: () => number;
  /** The name of its node. */
  readonly node: string;
  /** The registry, `127.0.0.1:PORT`, that its runtime asks in place of each image's own. */
  readonly mirror?: string | undefined;
  /** What every pull ends with while the node ails, in the words of its runtime; undefined where it is well. */
  readonly ailment?: (() => ((image: string) => string) | undefined) | undefined;
  /** What is on its disk. */
  readonly disk?: NodeDisk | undefined;
  /** The one image whose containers end by themselves: it is on every node, and what they do is done by this. */
  readonly program?: Program | undefined;
}

/** What a container of the program does on a node, with the object of its pod: what it prints, and how it ends. */
export interface Program {
  readonly image: string;
  /** The Secret that a pod reads, where that is not there. */
  readonly missing: (pod: StoredObject) => string | undefined;
  readonly run: (pod: StoredObject, args: readonly string[]) => Promise<{ readonly output: string; readonly exitCode: number }>;
  /** Keeps what a pod has printed, by its uid. */
  readonly printed: (uid: string, output: string) => void;
}

/** How long its parts take, ms. A sync comes again after a failure as in pkg/kubelet/pod_workers.go: 10 s, and up to half as much more. */
const MS = { seen: 100, pull: 300, start: 200, afterFailure: 1_000, sync: 10_000, kill: 500 } as const;
const SYNC_JITTER = 0.5;

const PODS = resourceOfKind('Pod');
const Names = z.array(z.looseObject({ name: z.string() })).nullish();
const Pod = z.looseObject({
  spec: z.looseObject({
    nodeName: z.string().nullish(),
    containers: z.array(
      z.looseObject({ name: z.string(), image: z.string(), imagePullPolicy: z.string().nullish(), args: z.array(z.string()).nullish() }),
    ),
    imagePullSecrets: Names,
  }),
});
type PodContainer = z.infer<typeof Pod>['spec']['containers'][number];

/** A pod that the kubelet looks after, by its uid. */
interface Looked {
  readonly key: string;
  readonly states: Map<string, ContainerState>;
  pulling: boolean;
  next: (() => void) | undefined;
}

/**
 * Runs the pods of one node as a kubelet of Kubernetes 1.36 with containerd 2.1 does, as far as it can be seen: pulls, backs off, tries again, says
 * so in events and status, and lets go of what is deleted. Init containers, probes and restarts are not there. Ends when what it returns is called.
 */
export function startKubelet(parts: KubeletParts): () => void {
  const { store, clock, random, node, mirror, disk } = parts;
  const backOff = new BackOff();
  const record = createRecorder(parts);
  const pods = new Map<string, Looked>();
  /** What is on the node, with the login that proved that it may be used (KubeletEnsureSecretPulledImages). */
  const present = new Map<string, string>();

  function lookAfter(object: StoredObject): void {
    const { uid, namespace, name, deletionTimestamp } = object.metadata;
    const key = keyOf(namespace, name);
    const known = pods.get(uid);
    if (deletionTimestamp != null) {
      known?.next?.();
      pods.delete(uid);
      clock.after(MS.kill, () => letGo(key, uid));
    } else if (known === undefined) {
      const looked: Looked = { key, states: new Map(), pulling: false, next: undefined };
      pods.set(uid, looked);
      syncAfter(MS.seen, uid, looked);
    }
  }

  function letGo(key: string, uid: string): void {
    if (store.get(PODS, key)?.metadata.uid === uid) deleteObject(store, PODS, key, 0);
  }

  function syncAfter(ms: number, uid: string, looked: Looked): void {
    looked.next?.();
    looked.next = clock.after(ms, () => sync(uid, looked));
  }

  function current(uid: string, { key }: Looked): StoredObject | undefined {
    const object = store.get(PODS, key);
    return pods.has(uid) && object?.metadata.uid === uid ? object : undefined;
  }

  function sync(uid: string, looked: Looked): void {
    const object = current(uid, looked);
    if (object === undefined || looked.pulling) return;
    const { spec } = Pod.parse(object);
    const container = spec.containers.find(({ name }) => (looked.states.get(name)?.is ?? 'waiting') === 'waiting');
    if (container === undefined) return;
    const { program } = parts;
    if (program !== undefined && container.image === program.image) return void mount(uid, looked, { object, container }, program);
    missMissing(object);
    const { name, image } = container;
    const login = loginOf(object, container);
    const why = whyUnpullable(container, present.has(JSON.stringify([image, login])));
    if (why !== undefined) {
      say(object, name, { type: 'Warning', reason: why.event, message: why.message });
      say(object, name, { type: 'Warning', reason: 'Failed', message: `Error: ${why.reason}` });
      reach(uid, looked, container, { is: 'waiting', reason: why.reason, message: why.message });
      syncAfter(MS.sync * (1 + SYNC_JITTER * random()), uid, looked);
      return;
    }
    const last = backOff.holds(`${uid}_${image}`, clock.now().getTime());
    if (last !== undefined) {
      say(object, name, { type: 'Normal', reason: 'BackOff', message: `Back-off pulling image "${image}"` });
      say(object, name, { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' });
      reach(uid, looked, container, {
        is: 'waiting',
        reason: 'ImagePullBackOff',
        message: `Back-off pulling image "${image}": ErrImagePull: ${last}`,
      });
      syncAfter(MS.sync * (1 + SYNC_JITTER * random()), uid, looked);
    } else begin(uid, looked, { object, container, login });
  }

  const secretsOf = (object: StoredObject) => (Pod.parse(object).spec.imagePullSecrets ?? []).map(({ name }) => name);
  const loginOf = (object: StoredObject, { image }: PodContainer) =>
    loginFor(image, { store, namespace: object.metadata.namespace ?? '', secrets: secretsOf(object) });

  /** Says which pull secrets are not there, and goes on without them. */
  function missMissing(object: StoredObject): void {
    const missing = missingSecrets(secretsOf(object), { store, namespace: object.metadata.namespace ?? '' });
    if (missing.length === 0) return;
    const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`;
    say(object, undefined, { type: 'Warning', reason: 'FailedToRetrieveImagePullSecret', message });
  }

  type Begun = { readonly object: StoredObject; readonly container: PodContainer; readonly login: ReturnType<typeof loginFor> };

  function begin(uid: string, looked: Looked, { object, container, login }: Begun): void {
    const { name, image } = container;
    const imageId = present.get(JSON.stringify([image, login]));
    if (imageId !== undefined && container.imagePullPolicy !== 'Always') {
      const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
      say(object, name, { type: 'Normal', reason: 'Pulled', message });
      return void start(uid, looked, container, imageId);
    }
    if (!looked.states.has(name)) reach(uid, looked, container, { is: 'waiting', reason: 'ContainerCreating' });
    say(object, name, { type: 'Normal', reason: 'Pulling', message: `Pulling image "${image}"` });
    looked.pulling = true;
    clock.after(MS.pull, async () => {
      const said = parts.ailment?.();
      const answer: Pulled = said === undefined ? await pull({ image, login, mirror }) : { status: 'failed', message: said(image) };
      looked.pulling = false;
      if (current(uid, looked) === undefined) return;
      if (answer.status === 'failed') return void failed(uid, looked, { object, container, login }, answer.message);
      const id = `${image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')}@${answer.digest}`;
      present.set(JSON.stringify([image, login]), id);
      disk?.brings({ id: answer.id, tag: image, digest: id }, () => present.delete(JSON.stringify([image, login])));
      const took = `${MS.pull}ms (${MS.pull}ms including waiting)`;
      const message = `Successfully pulled image "${image}" in ${took}. Image size: ${answer.bytes} bytes.`;
      say(object, name, { type: 'Normal', reason: 'Pulled', message });
      start(uid, looked, container, id);
    });
  }

  function failed(uid: string, looked: Looked, { object, container }: Begun, message: string): void {
    const { name, image } = container;
    backOff.failed(`${uid}_${image}`, clock.now().getTime(), message);
    say(object, name, { type: 'Warning', reason: 'Failed', message: `Failed to pull image "${image}": ${message}` });
    say(object, name, { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' });
    reach(uid, looked, container, { is: 'waiting', reason: 'ErrImagePull', message });
    syncAfter(MS.afterFailure, uid, looked);
  }

  function start(uid: string, looked: Looked, container: PodContainer, imageId: string): void {
    looked.next = clock.after(MS.start, () => {
      const object = current(uid, looked);
      if (object === undefined) return;
      say(object, container.name, { type: 'Normal', reason: 'Created', message: 'Container created' });
      say(object, container.name, { type: 'Normal', reason: 'Started', message: 'Container started' });
      reach(uid, looked, container, { is: 'running', since: store.timeAfter(0), imageId });
      if (imageId === parts.program?.image) run(uid, looked, container, parts.program);
      else syncAfter(MS.seen, uid, looked);
    });
  }

  /** Whoever makes a pod may make the Secret that it reads a moment later. */
  function mount(uid: string, looked: Looked, { object, container }: Pick<Begun, 'object' | 'container'>, program: Program): void {
    const missing = program.missing(object);
    if (missing === undefined) return void start(uid, looked, container, program.image);
    const message = `MountVolume.SetUp failed for volume "input" : secret "${missing}" not found`;
    say(object, undefined, { type: 'Warning', reason: 'FailedMount', message });
    syncAfter(MS.afterFailure, uid, looked);
  }

  /** Has a container do what it is for, once. */
  function run(uid: string, looked: Looked, container: PodContainer, program: Program): void {
    clock.after(MS.start, async () => {
      const object = current(uid, looked);
      if (object === undefined) return;
      const { output, exitCode } = await program.run(object, container.args ?? []);
      program.printed(uid, output);
      reach(uid, looked, container, { is: 'ended', exitCode, imageId: program.image });
    });
  }

  function say({ metadata: { namespace = '', name, uid } }: StoredObject, container: string | undefined, said: Said): void {
    record({ namespace, pod: name, uid, ...(container === undefined ? {} : { container }) }, said);
  }

  /** Writes down how far a container is. */
  function reach(uid: string, looked: Looked, { name }: PodContainer, state: ContainerState): void {
    const object = current(uid, looked);
    if (object === undefined || isDeepStrictEqual(looked.states.get(name), state)) return;
    looked.states.set(name, state);
    const containers = Pod.parse(object).spec.containers.map((one): Container => {
      const reached = looked.states.get(one.name) ?? { is: 'waiting', reason: 'ContainerCreating' };
      return { name: one.name, image: one.image, state: reached };
    });
    store.write(PODS, { ...object, status: podStatus(containers) });
  }

  const mine = (object: StoredObject) => Pod.parse(object).spec.nodeName === node;
  for (const [, object] of store.range(PODS, { prefix: '', from: '' })) if (mine(object)) lookAfter(object);
  return store.watch(PODS, ({ after }) => {
    if (after !== undefined && mine(after)) lookAfter(after);
  });
}
