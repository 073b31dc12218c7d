import { HOST_ROOT, type NodePath, type TaskKind } from './mounts.ts';

/** What a node is to do. */
export type TaskWork =
  | { readonly kind: 'probe'; readonly image: string; readonly allowLoopback: boolean }
  | { readonly kind: 'images' }
  /** `login` is the JSON that `imagepull node pull --login` reads. */
  | { readonly kind: 'pull'; readonly image: string; readonly allowLoopback: boolean; readonly login?: string | undefined }
  /** `plan` is the JSON that `imagepull node prune --plan` reads. */
  | { readonly kind: 'prune'; readonly plan: string };

/** Where pods of tasks are made, and of what. */
export interface TaskPlace {
  readonly namespace: string;
  /** By digest: the policy admits no other. */
  readonly image: string;
  /** For nodes where SELinux confines containers: `spc_t`, or a type of one's own that may use the socket. */
  readonly seLinuxType?: string | undefined;
}

/** All that the pod of one task is made from. */
export interface TaskPodGiven {
  readonly name: string;
  readonly node: string;
  readonly work: TaskWork;
  readonly paths: readonly NodePath[];
  readonly place: TaskPlace;
  /** Passed on where the kubelet's configuration names it. */
  readonly socket?: string | undefined;
}

/** The label by which pods of tasks are found, whoever made them. */
const OWNER_LABEL = 'app.kubernetes.io/managed-by';
const OWNER = 'imagepull';
/** The same as a selector. */
export const OWNED = `${OWNER_LABEL}=${OWNER}`;
/** Says which task a pod is; the policy holds the pod to it. */
export const KIND_LABEL = 'imagepull/node-task';
/** The program for nodes, in the image. */
const COMMAND = ['/usr/local/bin/node', '/app/dist/node/node.js'];
/** Where a login or a plan is found in the pod, and the key of its Secret. */
const INPUT_FOLDER = '/task';
const INPUT_KEY = 'input.json';

/** How long the program may take, s. */
const PROGRAM_S: Readonly<Record<TaskKind, number>> = { probe: 20, images: 30, pull: 240, prune: 840 };
/** For the kubelet to fetch the image and start it, s. */
const START_S = 60;

const NOTHING = { cpu: '0', memory: '0', 'ephemeral-storage': '0' };
/** For a disk that is full: a pruning, and the listing that a plan is made from. */
const FOR_FULL_DISKS: readonly TaskKind[] = ['images', 'prune'];

/** After so long the kubelet ends the pod by itself, s. */
export function deadlineSeconds(kind: TaskKind): number {
  return PROGRAM_S[kind] + START_S;
}

/** The Secret with what a task is to read, if it reads anything; it goes with its pod. */
export function inputOf(work: TaskWork): string | undefined {
  if (work.kind === 'pull') return work.login;
  return work.kind === 'prune' ? work.plan : undefined;
}

/**
 * The pod of a task: on one node by name, whatever that node's taints; root there, since only root opens the socket, with no capability, no token and a
 * root file system that is read-only. helm/node-task/policy.yaml admits exactly this.
 */
export function taskPod({ name, node, work, paths, place, socket }: TaskPodGiven) {
  const { kind } = work;
  const hasInput = inputOf(work) !== undefined;
  const forFullDisk = FOR_FULL_DISKS.includes(kind);
  const hostPaths = paths.map((row, index) => ({ ...row, volume: volumeName(index) }));
  return {
    apiVersion: 'v1',
    kind: 'Pod' as const,
    metadata: {
      name,
      namespace: place.namespace,
      labels: { 'app.kubernetes.io/name': 'imagepull-node-task', [OWNER_LABEL]: OWNER, [KIND_LABEL]: kind },
    },
    spec: {
      nodeName: node,
      tolerations: [{ operator: 'Exists' }],
      restartPolicy: 'Never',
      activeDeadlineSeconds: deadlineSeconds(kind),
      terminationGracePeriodSeconds: 10,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // Names are resolved as the node resolves them, not as its pods do.
      dnsPolicy: 'Default',
      hostNetwork: kind === 'probe',
      // Under DiskPressure the kubelet admits no other pod.
      ...(forFullDisk ? { priorityClassName: 'system-node-critical' } : {}),
      securityContext: {
        runAsUser: 0,
        runAsGroup: 0,
        seccompProfile: { type: 'RuntimeDefault' },
        ...(place.seLinuxType === undefined ? {} : { seLinuxOptions: { type: place.seLinuxType } }),
      },
      containers: [
        {
          name: 'task',
          image: place.image,
          // A full disk pulls nothing.
          imagePullPolicy: forFullDisk ? 'Never' : 'IfNotPresent',
          command: COMMAND,
          args: argumentsOf(work, socket),
          resources: {
            // For what a critical pod asks and the node has not left, the kubelet ends other pods.
            requests: forFullDisk ? NOTHING : { cpu: '10m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
            limits: { cpu: '1', memory: '160Mi', 'ephemeral-storage': '16Mi' },
          },
          securityContext: {
            privileged: false,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [
            ...hostPaths.map(({ volume, path, type }) => ({
              name: volume,
              mountPath: type === 'Socket' ? path : `${HOST_ROOT}${path}`,
              readOnly: true,
            })),
            ...(hasInput ? [{ name: 'input', mountPath: INPUT_FOLDER, readOnly: true }] : []),
          ],
        },
      ],
      volumes: [
        ...hostPaths.map(({ volume, path, type }) => ({ name: volume, hostPath: { path, type } })),
        ...(hasInput ? [{ name: 'input', secret: { secretName: name, defaultMode: 0o400 } }] : []),
      ],
    },
  };
}

/** The Secret that a pod reads; the cluster removes it once the pod is gone. */
export function inputSecret(input: string, pod: { readonly name: string; readonly namespace: string; readonly uid: string }) {
  return {
    apiVersion: 'v1',
    kind: 'Secret' as const,
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      labels: { [OWNER_LABEL]: OWNER },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: pod.name, uid: pod.uid }],
    },
    immutable: true,
    stringData: { [INPUT_KEY]: input },
  };
}

/** The name of the volume of a path, by its place among the paths. */
function volumeName(index: number): string {
  return `node-${index}`;
}

function argumentsOf(work: TaskWork, socket: string | undefined): readonly string[] {
  const common = ['--host-root', HOST_ROOT, ...(socket === undefined ? [] : ['--socket', socket])];
  const deadline = ['--deadline', String(PROGRAM_S[work.kind])];
  switch (work.kind) {
    case 'probe':
      return ['probe', work.image, ...common, ...deadline, ...(work.allowLoopback ? ['--allow-loopback'] : [])];
    case 'images':
      return ['images', ...common];
    case 'pull': {
      const login = work.login === undefined ? [] : ['--login', `${INPUT_FOLDER}/${INPUT_KEY}`];
      return ['pull', work.image, ...common, ...deadline, ...login, ...(work.allowLoopback ? ['--allow-loopback'] : [])];
    }
    case 'prune':
      return ['prune', ...common, '--plan', `${INPUT_FOLDER}/${INPUT_KEY}`];
    default:
      return work satisfies never;
  }
}
