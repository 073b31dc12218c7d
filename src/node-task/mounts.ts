import type { NodeTask } from '../node/task.ts';

/** The tasks of a node, as the program there has them. */
export type TaskKind = NodeTask['kind'];

/** A path of the node that a task is given to read. Where it is not there, or is something else, the kubelet does not start the pod: nothing is ever made. */
export interface NodePath {
  readonly path: string;
  readonly type: 'Socket' | 'File' | 'Directory';
}

/** Below this, the paths of the node are found in the pod; sockets are where they are on the node. */
export const HOST_ROOT = '/host';

const folder = (path: string): NodePath => ({ path, type: 'Directory' });
const file = (path: string): NodePath => ({ path, type: 'File' });

/** Where a runtime keeps what it is told of registries, and images: by the first part of a node's containerRuntimeVersion. */
interface RuntimePlaces {
  readonly sockets: readonly string[];
  readonly registries: readonly NodePath[];
  readonly units: readonly string[];
  /** What ImageFsInfo names, to measure the room there. */
  readonly images: readonly NodePath[];
  /** What came with each image, where that is somewhere else, to tell since when it is there. */
  readonly content: readonly NodePath[];
}

const K3S = '/var/lib/rancher/k3s/agent';
const RKE2 = '/var/lib/rancher/rke2/agent';
const SNAPSHOTS = 'io.containerd.snapshotter.v1.overlayfs';
const BLOBS = 'io.containerd.content.v1.content/blobs/sha256';
/** Roots of containerd. */
const CONTAINERDS = [
  '/var/lib/containerd',
  `${K3S}/containerd`,
  `${RKE2}/containerd`,
  '/var/snap/microk8s/common/var/lib/containerd',
  '/var/lib/k0s/containerd',
];

const RUNTIMES: Readonly<Record<'containerd' | 'cri-o' | 'docker', RuntimePlaces>> = {
  containerd: {
    sockets: [
      '/run/containerd/containerd.sock',
      '/run/k3s/containerd/containerd.sock',
      '/var/snap/microk8s/common/run/containerd.sock',
      '/run/k0s/containerd.sock',
      '/run/dockershim.sock',
    ],
    registries: [folder('/etc/containerd'), folder(`${K3S}/etc/containerd/certs.d`), folder(`${RKE2}/etc/containerd/certs.d`)],
    units: ['containerd'],
    images: CONTAINERDS.map((root) => folder(`${root}/${SNAPSHOTS}`)),
    content: CONTAINERDS.map((root) => folder(`${root}/${BLOBS}`)),
  },
  'cri-o': {
    sockets: ['/run/crio/crio.sock'],
    registries: [file('/etc/containers/registries.conf'), folder('/etc/containers/registries.conf.d')],
    units: ['crio'],
    images: [folder('/var/lib/containers/storage/overlay-images')],
    content: [],
  },
  docker: {
    sockets: ['/run/cri-dockerd.sock'],
    registries: [file('/etc/docker/daemon.json')],
    units: ['docker'],
    images: [],
    content: [folder('/var/lib/docker/image/overlay2/imagedb/content/sha256')],
  },
};

/** Names and authorities, wherever distributions keep them. /etc as a whole is never given. */
const OF_EVERY_NODE: readonly NodePath[] = [
  file('/etc/resolv.conf'),
  file('/etc/hosts'),
  folder('/etc/ssl/certs'),
  folder('/etc/pki/tls/certs'),
  folder('/etc/pki/ca-trust/extracted'),
];

/** Every path that a task may ever be given, for the policy that we ship. */
export function everyNodePath(): readonly string[] {
  const places = Object.values(RUNTIMES);
  const rows = [
    ...OF_EVERY_NODE,
    ...places.flatMap((place) => [...socketsOf(place), ...place.registries, ...unitsOf(place), ...place.images, ...place.content]),
  ];
  return [...new Set(rows.map(({ path }) => path))].sort();
}

/** The socket of an endpoint as the kubelet's configuration names it; undefined for what is no path. */
export function socketOf(endpoint: string | undefined): string | undefined {
  const path = endpoint?.replace(/^unix:(?:\/\/)?(?=\/)/, '');
  return path?.startsWith('/') ? path.replace(/^\/var\/run\//, '/run/') : undefined;
}

/** What a task needs of a node with this runtime, such as `containerd://2.1.9`, and this socket where it is known; each path once. */
export function nodePathsFor(
  kind: TaskKind,
  { runtime, socket }: { readonly runtime: string; readonly socket?: string | undefined },
): readonly NodePath[] {
  const places = placesOf(runtime);
  const sockets = socket === undefined ? places.flatMap(socketsOf) : [{ path: socket, type: 'Socket' as const }];
  const rows = [...sockets, ...readBy(kind, places)];
  return rows.filter(({ path }, index) => rows.findIndex((row) => row.path === path) === index);
}

function readBy(kind: TaskKind, places: readonly RuntimePlaces[]): readonly NodePath[] {
  switch (kind) {
    case 'probe':
      return [...OF_EVERY_NODE, ...places.flatMap((place) => [...place.registries, ...unitsOf(place), ...place.images])];
    case 'images':
    case 'prune':
      return places.flatMap(({ images, content }) => [...images, ...content]);
    case 'pull':
      return [];
    default:
      return kind satisfies never;
  }
}

/** A runtime that is not known is tried as every one. */
function placesOf(runtime: string): readonly RuntimePlaces[] {
  const [name = ''] = runtime.split(':', 1);
  return name === 'containerd' || name === 'cri-o' || name === 'docker' ? [RUNTIMES[name]] : Object.values(RUNTIMES);
}

function socketsOf({ sockets }: RuntimePlaces): readonly NodePath[] {
  return sockets.map((path) => ({ path, type: 'Socket' }));
}

/** Proxy variables of the runtime and the kubelet, as systemd has them. */
function unitsOf({ units }: RuntimePlaces): readonly NodePath[] {
  return [...units, 'kubelet'].map((unit) => folder(`/etc/systemd/system/${unit}.service.d`));
}
