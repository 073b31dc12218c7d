import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { readArguments } from '../../node/arguments.ts';
import type { ContainerRuntime, RuntimeContainer } from '../../node/cri/runtime.ts';
import type { Host } from '../../node/host.ts';
import { runTask } from '../../node/run.ts';
import type { ObjectStore } from '../cluster/object-store.ts';
import { keyOf, type StoredObject } from '../cluster/objects.ts';
import { resourceOfKind } from '../cluster/resources.ts';
import type { Program } from './kubelet.ts';
import type { NodeDisk } from './node-disk.ts';

/** Where containerd has its snapshots, and beside them the content that came with each image. */
const MOUNTPOINT = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs';
const SOCKET = '/run/containerd/containerd.sock';
/** Where a pod finds what it is to read. */
const INPUT = '/task/input.json';
const INODES = { totalInodes: 1_300_000, freeInodes: 1_000_000 } as const;

const [PODS, SECRETS] = [resourceOfKind('Pod'), resourceOfKind('Secret')];
const Input = z.looseObject({ data: z.object({ [basename(INPUT)]: z.string() }) });
const Reading = z.looseObject({
  spec: z.looseObject({ volumes: z.array(z.looseObject({ secret: z.looseObject({ secretName: z.string() }).nullish() })).nullish() }),
});
const Running = z.looseObject({
  spec: z.looseObject({ nodeName: z.string().nullish() }),
  status: z.looseObject({
    containerStatuses: z
      .array(
        z.looseObject({
          name: z.string(),
          image: z.string(),
          imageID: z.string(),
          state: z.looseObject({ running: z.unknown().optional() }),
        }),
      )
      .nullish(),
  }),
});

/** The program for nodes, the real one, with a runtime and a disk below it that are those of the demo. */
export function nodeProgram({
  image,
  node,
  store,
  disk,
  now,
  printed,
}: Pick<Program, 'image' | 'printed'> & {
  readonly node: string;
  readonly store: ObjectStore;
  readonly disk: NodeDisk;
  readonly now: () => Date;
}): Program {
  const runtime = runtimeOf(disk, () => containersOn(node, store));
  const below = { openRuntime: async () => runtime, hostAt: () => hostOf(disk) };
  return {
    image,
    printed,
    missing(pod) {
      const { volumes } = Reading.parse(pod).spec;
      const [name] = (volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []);
      const key = name && keyOf(pod.metadata.namespace, name);
      return key && store.get(SECRETS, key) === undefined ? key : undefined;
    },
    run: (pod, args) =>
      withInput(pod, store, (file) => runTask(() => readArguments(args.map((word) => (word === INPUT ? file : word))), { below, now })),
  };
}

/** What a pod reads comes from the Secret of its name, as a file. */
async function withInput<T>(
  { metadata: { namespace, name } }: StoredObject,
  store: ObjectStore,
  work: (file: string) => Promise<T>,
): Promise<T> {
  const secret = Input.safeParse(store.get(SECRETS, keyOf(namespace, name)));
  if (!secret.success) return work(INPUT);
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-task-'));
  try {
    const file = join(folder, basename(INPUT));
    await writeFile(file, Buffer.from(secret.data.data[basename(INPUT)] ?? '', 'base64'), { mode: 0o600 });
    return await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A containerd, as far as prunings and probes ask. Pulls of tasks are not there. */
function runtimeOf(disk: NodeDisk, containers: () => readonly RuntimeContainer[]): ContainerRuntime {
  const listed = () => disk.images.map(({ id, tags, digests, bytes }) => ({ id, tags, digests, bytes, pinned: false }));
  return {
    socket: SOCKET,
    version: async () => ({ name: 'containerd', version: '2.1.9' }),
    status: async () => ({ conditions: [{ type: 'RuntimeReady', ok: true, reason: '', message: '' }], configuration: {} }),
    images: async () => listed(),
    image: async (name) => listed().find(({ id, tags, digests }) => [id, ...tags, ...digests].includes(name)),
    containers: async () => containers(),
    imageVolumes: async () => [],
    filesystems: async () => ({
      images: [
        {
          mountpoint: MOUNTPOINT,
          usedBytes: listed().reduce((sum, { bytes }) => sum + bytes, 0),
          usedInodes: INODES.totalInodes - INODES.freeInodes,
        },
      ],
      containers: [],
    }),
    pull: async () => ({ status: 'failed', message: 'the runtime of the demo pulls for the kubelet alone' }),
    remove: async (id) => disk.remove(id),
    close: () => undefined,
  };
}

/** The files of a node of which something is asked: the room on its disk, and since when an image is there. */
function hostOf(disk: NodeDisk): Host {
  return {
    text: () => undefined,
    names: () => [],
    modified: (path) => disk.images.find(({ id }) => basename(path) === id.replace('sha256:', ''))?.since,
    room: async () => ({ totalBytes: disk.totalBytes, freeBytes: disk.freeBytes, ...INODES }),
  };
}

/** What runs on a node, by the status of its pods. */
function containersOn(node: string, store: ObjectStore): readonly RuntimeContainer[] {
  return [...store.range(PODS, { prefix: '', from: '' })].flatMap(([key, pod]) => {
    const { spec, status } = Running.parse(pod);
    if (spec.nodeName !== node) return [];
    return (status.containerStatuses ?? []).flatMap(({ name, image, imageID, state }): readonly RuntimeContainer[] =>
      state.running === undefined
        ? []
        : [{ id: `${pod.metadata.uid}-${name}`, name, pod: key, state: 'running', images: [...new Set([imageID, image])] }],
    );
  });
}
