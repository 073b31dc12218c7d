import { Clock, type Later } from '../clock.ts';
import { type ClusterServer, startCluster } from '../cluster/cluster-server.ts';
import type { ObjectStore } from '../cluster/object-store.ts';
import { runControllers } from '../controllers/controllers.ts';
import { type Ailment, Ailments, WELL } from '../kubelet/ailments.ts';
import { startKubelet } from '../kubelet/kubelet.ts';
import { NodeDisk } from '../kubelet/node-disk.ts';
import { nodeProgram } from '../kubelet/node-program.ts';
import { imageCalled } from '../registry/images.ts';
import { type RegistryServer, startRegistry } from '../registry/registry-server.ts';
import { type SlackServer, startSlack } from '../slack/slack-server.ts';
import { PEOPLE, type Story } from '../stories/story.ts';
import { BOT_NAMESPACE, type Bot, CHANNEL, startBot, TASK_NAMESPACE } from './bot.ts';
import { createSetting, type Setting } from './setting.ts';

/** A guest of another company in the bot's channel, of whom no story tells. */
export const GUEST = 'U0GUS';
/** As the API server has etcd do: --etcd-compaction-interval. */
const COMPACTION_MS = 300_000;

/** A cluster, a registry and a workspace of a story's own, and the real service between them. */
export interface Environment extends Setting {
  readonly clock: Clock;
  readonly slack: SlackServer;
  /** Absent where the cluster is a real one. */
  readonly cluster: ClusterServer | undefined;
  readonly registry: RegistryServer | undefined;
  /** Where the story has one. */
  readonly mirror: RegistryServer | undefined;
  readonly bot: Omit<Bot, 'pass' | 'log' | 'stop'>;
  /** Lets so many ms pass at once, for the cluster and the bot alike. The clock is paused then. */
  pass(ms: number): Promise<void>;
  /** What the service and the stand-ins logged, as JSON lines. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts all of it on loopback, with time standing still. Throws what the service throws when it starts. */
export async function openEnvironment(story: Story, { random }: { readonly random: () => number }): Promise<Environment> {
  const closers: (() => unknown)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return { ...(await open(story, random, closers)), stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function open(story: Story, random: () => number, closers: (() => unknown)[]): Promise<Omit<Environment, 'stop'>> {
  let log = '';
  const onError = (cause: unknown) => {
    log += `${JSON.stringify({ level: 'error', msg: 'a stand-in failed', because: String(cause) })}\n`;
  };
  // What happened before ends now.
  const beforeMs = story.before.reduce((sum, one) => sum + (one.step === 'pass' ? one.minutes * 60_000 : 0), 0);
  const clock = new Clock(new Date(Date.now() - beforeMs), onError);
  closers.push(() => clock.pause());
  const registry = await startRegistry();
  closers.push(() => registry.stop());
  const mirror = story.registry.mirror && (await startRegistry());
  if (mirror) closers.push(() => mirror.stop());
  const cluster = await startCluster({ now: () => clock.now() });
  closers.push(() => cluster.stop());
  const { store } = cluster;
  compactEvery(COMPACTION_MS, { store, clock });
  const nodes = Array.from({ length: story.nodes }, (_, at) => `node-${at + 1}`);
  for (const name of nodes)
    store.put({
      kind: 'Node',
      metadata: { name },
      spec: {},
      status: {
        nodeInfo: { operatingSystem: 'linux', architecture: 'amd64', containerRuntimeVersion: 'containerd://2.1.9' },
        conditions: WELL,
      },
    });
  const ailments = new Ailments({ store, clock });
  store.put({ kind: 'Namespace', metadata: { name: BOT_NAMESPACE } });
  store.put({ kind: 'ConfigMap', metadata: { name: 'imagepull-freeze', namespace: BOT_NAMESPACE }, data: { frozen: 'false' } });
  closers.push(runControllers({ store, clock, random }));
  const own = story.nodeTasks ? pushProgram(registry) : undefined;
  if (own !== undefined) store.put({ kind: 'Namespace', metadata: { name: TASK_NAMESPACE } });
  const disks = new Map<string, NodeDisk>();
  for (const node of nodes) {
    const disk = new NodeDisk({ now: () => clock.now(), onRoom: () => ailments.set(node, undefined) });
    disks.set(node, disk);
    const printed = (uid: string, output: string) => void cluster.logs.set(uid, output);
    // What keeps it there in a cluster is a DaemonSet of the chart.
    if (own) disk.brings({ id: own.id, tag: own.image, digest: own.image }, () => undefined);
    const program = own && nodeProgram({ image: own.image, node, store, disk, now: () => clock.now(), printed });
    closers.push(startKubelet({ store, clock, random, node, mirror: mirror?.host, ailment: () => ailments.of(node), disk, program }));
  }
  const ail = (node: string, ailment: Ailment | undefined) => {
    const disk = disks.get(node);
    if (ailment === 'full') disk?.fill();
    else disk?.empty();
    ailments.set(node, ailment);
  };
  const setting = createSetting({ story, cluster, registry, mirror, ail });
  const slack = await startSlack({ burst: 100 });
  closers.push(() => slack.stop());
  fillWorkspace(slack.workspace);
  const bot = await startBot({
    slack,
    async cluster(kubeconfigOf) {
      const kubeconfig = await kubeconfigOf(cluster.url);
      const nodeTasks = own && { nodeTasks: { image: own.image, namespace: TASK_NAMESPACE } };
      return { name: 'demo', kubeconfig, executor: { kubeconfig, namespace: BOT_NAMESPACE }, ...nodeTasks };
    },
    store,
    changes: true,
    watch: story.watch,
    alerts: story.steps.some(({ step }) => step === 'alert'),
  });
  closers.push(() => bot.stop());
  return {
    ...setting,
    clock,
    slack,
    cluster,
    registry,
    mirror,
    bot,
    log: () => log + bot.log(),
    async pass(ms) {
      bot.pass(ms);
      await clock.step(ms);
    },
  };
}

/** The one channel, with everybody in it. */
export function fillWorkspace(workspace: SlackServer['workspace']): void {
  workspace.addChannel(CHANNEL, 'incidents', [workspace.botUser, ...Object.values(PEOPLE), GUEST]);
  workspace.people.set(GUEST, { guest: true });
}

/** Gives the registry the program's own image; answers with it by its digest, and what a runtime knows it by. */
function pushProgram({ host, repositories }: RegistryServer): { readonly image: string; readonly id: string } {
  const [repository, tag] = ['imagepull/imagepull', 'demo'];
  const [config] = imageCalled(`${repository}:${tag}`).parts;
  return { image: `${host}/${repository}@${repositories.push(repository, tag)}`, id: config?.digest ?? '' };
}

/** Forgets changes of the cluster that are older than that. */
function compactEvery(ms: number, { store, clock }: { readonly store: ObjectStore; readonly clock: Later }): void {
  clock.after(ms, () => {
    store.compact();
    compactEvery(ms, { store, clock });
  });
}
