import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../app/config.ts';
import { openService } from '../../app/service/service.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { Clock } from '../clock.ts';
import { type ClusterServer, startCluster } from '../cluster/cluster-server.ts';
import { kubeconfigFor } from '../cluster/kubeconfig.ts';
import { runControllers } from '../controllers/controllers.ts';
import { startKubelet } from '../kubelet/kubelet.ts';
import { type RegistryServer, startRegistry } from '../registry/registry-server.ts';
import { type SlackServer, startSlack } from '../slack/slack-server.ts';
import { PEOPLE, type Story } from '../stories/story.ts';
import { createSetting, type Setting } from './setting.ts';

/** Where the bot speaks. */
export const CHANNEL = 'C0INCIDENTS';
/** A guest of another company in that channel, of whom no story tells. */
export const GUEST = 'U0GUS';
const BOT_NAMESPACE = 'imagepull';
const NODES = ['node-1', 'node-2', 'node-3'];

const POLICY = `
version: 1
organisation: T0DEMO
admins: { users: [${PEOPLE.ann}, ${PEOPLE.bob}] }
rules:
  - { name: demo, approvers: { users: [${PEOPLE.ann}, ${PEOPLE.bob}, ${PEOPLE.eve}] } }
`;

/** A cluster, a registry and a workspace of a story's own, and the real service between them. */
export interface Environment extends Setting {
  readonly clock: Clock;
  readonly slack: SlackServer;
  readonly cluster: ClusterServer;
  readonly registry: RegistryServer;
  /** Where the story has one. */
  readonly mirror: RegistryServer | undefined;
  /** What the service logged, as JSON lines. */
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
  const logger = createLogger({
    write(line: string) {
      log += line;
      return true;
    },
  });
  // What happened before ends now.
  const beforeMs = story.before.reduce((sum, one) => sum + (one.step === 'pass' ? one.minutes * 60_000 : 0), 0);
  const clock = new Clock(new Date(Date.now() - beforeMs), (cause) => logger.error('a stand-in failed', { because: String(cause) }));
  closers.push(() => clock.pause());
  const registry = await startRegistry();
  closers.push(() => registry.stop());
  const mirror = story.registry.mirror && (await startRegistry());
  if (mirror) closers.push(() => mirror.stop());
  const cluster = await startCluster({ now: () => clock.now() });
  closers.push(() => cluster.stop());
  const { store } = cluster;
  for (const name of NODES)
    store.put({ kind: 'Node', metadata: { name }, spec: {}, status: { nodeInfo: { operatingSystem: 'linux', architecture: 'amd64' } } });
  store.put({ kind: 'Namespace', metadata: { name: BOT_NAMESPACE } });
  store.put({ kind: 'ConfigMap', metadata: { name: 'imagepull-freeze', namespace: BOT_NAMESPACE }, data: { frozen: 'false' } });
  closers.push(runControllers({ store, clock, random }));
  for (const node of NODES) closers.push(startKubelet({ store, clock, random, node, mirror: mirror?.host }));
  const setting = createSetting({ story, cluster, registry, mirror });
  const slack = await startSlack({ burst: 100 });
  closers.push(() => slack.stop());
  const { workspace } = slack;
  workspace.addChannel(CHANNEL, 'incidents', [workspace.botUser, ...Object.values(PEOPLE), GUEST]);
  workspace.people.set(GUEST, { guest: true });
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-demo-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const [kubeconfig, policy] = [join(folder, 'kubeconfig'), join(folder, 'approvals.yaml')];
  await Promise.all([writeFile(kubeconfig, kubeconfigFor(cluster.url)), writeFile(policy, POLICY)]);
  const text = JSON.stringify({
    clusters: [{ name: 'demo', kubeconfig, kubelet: 'off', allowLoopback: true, executor: { kubeconfig, namespace: BOT_NAMESPACE } }],
    channels: { default: CHANNEL },
    watch: { enabled: false },
    remedies: { policy, perHour: 100 },
    http: { host: '127.0.0.1', port: 0, privatePort: 0 },
    slack: { apiUrl: slack.apiUrl },
  });
  const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
  const service = await openService(
    readConfig({ file: { name: 'demo.json', text }, environment, roles: undefined, clusters: undefined }),
    logger,
  );
  closers.push(() => service.stop());
  return { ...setting, clock, slack, cluster, registry, mirror, log: () => log };
}
