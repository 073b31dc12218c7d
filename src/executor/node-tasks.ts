import type { Change, Plan } from '../approval/plan.ts';
import { lookUp } from '../diagnosis/secret/keyring.ts';
import { CodedError } from '../errors.ts';
import { runtimeEndpoint } from '../node-task/runtime-endpoint.ts';
import type { NodeTaskSettings } from '../node-task/settings.ts';
import type { TaskWork } from '../node-task/task-pod.ts';
import type { TaskOrder, TaskRunner } from '../node-task/task-steps.ts';
import { awaitedOn } from '../remedies/nodes/awaited-images.ts';
import { NO_TASKS } from '../remedies/nodes/probe-node.ts';
import { podFields, pullSecretsIn } from '../remedies/object-shape.ts';
import type { Hash } from '../signing/signing.ts';
import { readPullSecrets } from '../steps/pull-secrets-of-pod.ts';
import type { ExecutorCluster } from './executor-parts.ts';

/** A cluster whose nodes may be given tasks. */
export type NodeTaskCluster = Pick<ExecutorCluster, 'writer' | 'sources' | 'mayReadSecrets' | 'nodeTasks'>;

/** A change that has a node do something. */
export type TaskChange = Extract<Change, { readonly verb: 'create' }>;

/** For one look at a task, with all that it leads to, ms. */
export const TASK_LOOK_MS = 30_000;
/** For the secrets of a pod, ms. */
const READ_MS = 10_000;

/** The settings of node tasks. Throws `plan/no-node-tasks` where there are none. */
export function settingsOf({ nodeTasks }: NodeTaskCluster): NodeTaskSettings {
  if (nodeTasks === undefined) throw new CodedError('plan/no-node-tasks', NO_TASKS);
  return nodeTasks;
}

/** What pods of tasks are made with. Throws `plan/no-node-tasks`. */
export function makingOf(cluster: NodeTaskCluster): Pick<TaskRunner, 'objects' | 'place' | 'signal'> {
  return { objects: cluster.writer, place: settingsOf(cluster).place, signal: AbortSignal.timeout(TASK_LOOK_MS) };
}

/**
 * The task that a change has a node do. What it reads is put together anew each time: the login as the cluster has it now, and with a pruning the
 * images that pods of the node wait for.
 */
export function taskOrder(
  { work }: TaskChange,
  { planId, node }: { readonly planId: string; readonly node: string },
  cluster: NodeTaskCluster,
  hash: Hash,
): TaskOrder {
  return {
    name: `imagepull-${work.kind}-${hash(planId).slice(0, 16)}`,
    node,
    kind: work.kind,
    work: () => wholeWork(work, node, cluster),
    endpoint: () => runtimeEndpoint(node, cluster.sources),
  };
}

/** The change of a plan that a node's task is for; undefined for plans of other kinds. */
export function taskOf(plan: Plan): { readonly change: TaskChange; readonly planId: string; readonly node: string } | undefined {
  const [change] = plan.changes;
  const node = plan.objects[change?.object ?? 0];
  return change?.verb === 'create' && node !== undefined ? { change, planId: plan.id, node: node.name } : undefined;
}

async function wholeWork(work: TaskChange['work'], node: string, cluster: NodeTaskCluster): Promise<TaskWork> {
  const { allowLoopback } = settingsOf(cluster);
  switch (work.kind) {
    case 'probe':
      return { kind: work.kind, image: work.image, allowLoopback };
    case 'images':
      return work;
    case 'pull': {
      const { kind, image } = work;
      const login = await loginFor(work, cluster);
      return { kind, image, allowLoopback, ...(login === undefined ? {} : { login }) };
    }
    case 'prune':
      return { kind: work.kind, plan: JSON.stringify({ ...work.plan, awaited: await awaitedOn(node, cluster.writer) }) };
    default:
      return work satisfies never;
  }
}

/** The login that the kubelet would send first for the image of a pod, as the program on the node reads it; undefined where it sends none. */
async function loginFor(
  { image, loginOf: { namespace, pod } }: Extract<TaskChange['work'], { readonly kind: 'pull' }>,
  { writer, sources, mayReadSecrets }: NodeTaskCluster,
): Promise<string | undefined> {
  const { spec } = podFields(await writer.read({ kind: 'Pod', namespace, name: pod }));
  const names = pullSecretsIn(spec);
  if (names.length === 0) return undefined;
  if (!mayReadSecrets)
    throw new CodedError('plan/no-login', 'The pod has pull secrets, and secrets are not to be read (clusters[].secrets).');
  const signal = AbortSignal.timeout(READ_MS);
  const { secrets, obstacles } = await readPullSecrets({ cluster: sources.cluster, target: { namespace }, signal }, names);
  const [obstacle] = obstacles;
  if (obstacle !== undefined) throw new CodedError('plan/no-login', obstacle);
  const credential = lookUp(image, secrets).matches.find(({ hasLogin }) => hasLogin)?.credential;
  switch (credential?.kind) {
    case 'basic':
      return JSON.stringify({ username: credential.username, password: credential.password.reveal() });
    case 'identity-token':
      return JSON.stringify({ identityToken: credential.token.reveal() });
    default:
      return undefined;
  }
}
