import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../app/config.ts';
import { openService } from '../../app/service/service.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { Clock, type Later } from '../clock.ts';
import { startCluster } from '../cluster/cluster-server.ts';
import { kubeconfigFor } from '../cluster/kubeconfig.ts';
import type { ObjectStore } from '../cluster/object-store.ts';
import { runControllers } from '../controllers/controllers.ts';
import { startKubelet } from '../kubelet/kubelet.ts';
import { startRegistry } from '../registry/registry-server.ts';
import { startSlack } from '../slack/slack-server.ts';
import { PEOPLE, type Story } from '../stories/story.ts';
import { createSetting, NAMESPACE, type Setting } from './setting.ts';

/** Where the bot speaks. */
export const CHANNEL = 'C0INCIDENTS';
const BOT_NAMESPACE = 'imagepull';
/** How often the bot looks at all pods, where it watches. */
const SWEEP_MS = 5_000;
/** As the API server has etcd do: --etcd-compaction-interval. */
const COMPACTION_MS = 300_000;
const ALERTS = { name: 'prometheus', sender: 'alertmanager', authentication: { scheme: 'bearer', secret: 'ALERTS_TOKEN' }, cluster: 'demo' };

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
  /** Lets so many ms pass at once, for the cluster and the bot alike. The clock is paused then. */
  pass(ms: number): Promise<void>;
  /** Sends an alert about a workload to the service, as Alertmanager does. */
  alert(name: string, workload: string): Promise<void>;
  readonly slack: Awaited<ReturnType<typeof startSlack>>;
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
  compactEvery(COMPACTION_MS, { store, clock });
  const nodes = Array.from({ length: story.nodes }, (_, at) => `node-${at + 1}`);
  for (const name of nodes)
    store.put({ kind: 'Node', metadata: { name }, spec: {}, status: { nodeInfo: { operatingSystem: 'linux', architecture: 'amd64' } } });
  store.put({ kind: 'Namespace', metadata: { name: BOT_NAMESPACE } });
  store.put({ kind: 'ConfigMap', metadata: { name: 'imagepull-freeze', namespace: BOT_NAMESPACE }, data: { frozen: 'false' } });
  closers.push(runControllers({ store, clock, random }));
  for (const node of nodes) closers.push(startKubelet({ store, clock, random, node, mirror: mirror?.host }));
  const setting = createSetting({ story, cluster, registry, mirror });
  const slack = await startSlack({ burst: 100 });
  closers.push(() => slack.stop());
  const { workspace } = slack;
  const token = randomUUID();
  workspace.addChannel(CHANNEL, 'incidents', [workspace.botUser, ...Object.values(PEOPLE)]);
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-demo-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const [kubeconfig, policy] = [join(folder, 'kubeconfig'), join(folder, 'approvals.yaml')];
  await Promise.all([writeFile(kubeconfig, kubeconfigFor(cluster.url)), writeFile(policy, POLICY)]);
  const text = JSON.stringify({
    clusters: [{ name: 'demo', kubeconfig, kubelet: 'off', allowLoopback: true, executor: { kubeconfig, namespace: BOT_NAMESPACE } }],
    channels: { default: CHANNEL },
    watch: { enabled: story.watch, sweepMs: SWEEP_MS },
    alerts: { sources: [ALERTS] },
    remedies: { policy, perHour: 100 },
    http: { host: '127.0.0.1', port: 0, privatePort: 0 },
    slack: { apiUrl: slack.apiUrl },
  });
  // Time that was let pass, by which the bot is ahead of the machine.
  let passedMs = 0;
  const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
  const service = await openService(
    readConfig({ file: { name: 'demo.json', text }, environment, roles: undefined, clusters: undefined }),
    logger,
    { now: () => new Date(Date.now() + passedMs), environment: { [ALERTS.authentication.secret]: token } },
  );
  closers.push(() => service.stop());
  return {
    ...setting,
    clock,
    slack,
    log: () => log,
    async pass(ms) {
      passedMs += ms;
      await clock.step(ms);
    },
    async alert(name, workload) {
      const labels = { alertname: name, severity: 'warning', namespace: NAMESPACE, deployment: workload };
      const alert = { status: 'firing', labels, annotations: {}, startsAt: clock.now().toISOString(), fingerprint: workload };
      const answer = await fetch(`http://127.0.0.1:${service.port}/webhooks/${ALERTS.name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ version: '4', status: 'firing', alerts: [alert] }),
      });
      if (answer.status !== 202) throw new Error(`the service refuses an alert: ${answer.status} ${await answer.text()}`);
    },
  };
}

/** Forgets changes of the cluster that are older than that. */
function compactEvery(ms: number, { store, clock }: { readonly store: ObjectStore; readonly clock: Later }): void {
  clock.after(ms, () => {
    store.compact();
    compactEvery(ms, { store, clock });
  });
}
