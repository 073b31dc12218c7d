import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import { type SlackServer, startSlack } from '../../src/demo/slack/slack-server.ts';
import { type Node, type Pod, Secret, ServiceAccount } from '../../src/facts/kubernetes/kubernetes-object.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { type ApiServer, startApiServer } from './api-server.ts';
import { makeCertificates } from './certificates.ts';
import { recordingOf } from './diagnosis.ts';
import { eventually, PATIENCE_MS } from './eventually.ts';
import { healthyKubelet } from './kubelet-answers.ts';
import { nodeObject, podObject } from './objects.ts';
import type { PushTarget } from './push-image.ts';
import { type RealRegistry, startDockerRegistry } from './real-parts.ts';
import { type OwnRedis, startRedis } from './redis.ts';
import { recorded } from './requests/recorded.ts';

/** Where people ask, and who does. */
export const CHANNEL = 'C0INCIDENTS';
export const USER = 'U0SRE';

/** Everything secret that this world holds has this word in it. */
export const CANARY = 'canary';
/** bcrypt of `canary-password`, cost 4. */
const HTPASSWD = 'robot:$2y$04$Z1GCZ0He9d.gxza0lyrrg.GyOa7Ap27pYz92EzO7u9rmw4hVnL1PG\n';
const REDIS_PASSWORD = 'canary-redis-password';
const PODS = 100;

const base64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');

/** `imagepull serve` in processes of its own, with Redis, Slack, API server and registry around it. */
export interface ServiceWorld {
  readonly slack: SlackServer;
  readonly redis: OwnRedis;
  /** With its password. */
  readonly redisUrl: string;
  readonly api: ApiServer;
  /** Has none of the images, until somebody pushes one. */
  readonly registry: PushTarget;
  /** What the API server answers out of. */
  readonly cluster: Recording;
  /** What all processes wrote so far, by their names. */
  readonly output: ReadonlyMap<string, string>;
  /** Requests to the API server by the process that sent them. */
  readonly requestsOf: (name: string) => number;
  /**
   * Starts a process and waits until it serves. Of a process that is killed the work is free again after `leaseMs`; one
   * that only is slow keeps it so long.
   */
  serve(name: string, roles: 'gateway' | 'worker' | 'executor' | 'gateway,worker', leaseMs?: number, more?: ServeMore): Promise<Served>;
  /** Asks for a diagnosis of pod `web-0` of namespace `shop-N`. */
  diagnose(shop: number): Promise<unknown>;
  stop(): Promise<void>;
}

/** What a process is told besides. */
export interface ServeMore {
  /** Another user of the same Redis. */
  readonly redisUrl?: string;
  /** More settings of the file. */
  readonly settings?: string;
  /** The namespace of the freeze; with it the cluster `prod` has an executor. */
  readonly executorIn?: string;
  /** More of the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Names of clusters besides `prod`, which are the same one. */
  readonly others?: readonly string[];
  /** The one cluster that it works for. */
  readonly worksFor?: string;
}

/** A process that serves. */
export interface Served {
  readonly name: string;
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** Starts everything but the service itself. Redis wants a password, and the registry too. */
export async function startServiceWorld(): Promise<ServiceWorld> {
  const [slack, redis, registry, folder, certificates] = await Promise.all([
    startSlack({ burst: 1_000, limitMs: PATIENCE_MS, botToken: 'xoxb-1-canary', appToken: 'xapp-1-canary' }),
    startRedis(['--requirepass', REDIS_PASSWORD]),
    startDockerRegistry({ htpasswd: HTPASSWD }),
    mkdtemp(join(tmpdir(), 'imagepull-e2e-')),
    makeCertificates(),
  ]);
  slack.workspace.addChannel(CHANNEL, 'incidents', [USER, slack.workspace.botUser]);
  const asked = new Map<string, number>();
  const cluster = shops(registry);
  const api = await startApiServer(cluster, {
    tls: certificates.good,
    kubelet: healthyKubelet({ log: 'E0301 pull failed https://robot:canary-log@x\n' }),
    intercept(request) {
      const name = /^Bearer canary-token-of-(.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      asked.set(name, (asked.get(name) ?? 0) + 1);
      return false;
    },
  });
  const redisUrl = redis.url.replace('//', `//:${REDIS_PASSWORD}@`);
  const output = new Map<string, string>();
  const processes = new Set<ChildProcess>();

  async function configurationOf(name: string, leaseMs: number, { settings = '', executorIn, others = [] }: ServeMore) {
    const kubeconfig = join(folder, `${name}.kubeconfig`);
    await writeFile(kubeconfig, kubeconfigFor(api.url, `canary-token-of-${name}`));
    const file = join(folder, `${name}.yaml`);
    const executor = executorIn === undefined ? '' : `, executor: { kubeconfig: ${kubeconfig}, namespace: ${executorIn} }`;
    const clusters = ['prod', ...others].map((called) => {
      const more = called === 'prod' ? executor : '';
      return `{ name: ${called}, kubeconfig: ${kubeconfig}, kubelet: apiserver-proxy, allowLoopback: true${more} }`;
    });
    await writeFile(
      file,
      `
clusters: [${clusters.join(', ')}]
http: { host: 127.0.0.1, port: 0, privatePort: 0 }
slack: { apiUrl: '${slack.apiUrl}' }
redis: { leaseMs: ${leaseMs}, checkMs: 500 }
resumeMs: 1000
${settings}
`,
    );
    return file;
  }

  async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    processes.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }

  return {
    slack,
    redis,
    redisUrl,
    api,
    registry: { origin: `http://${registry.host}`, repository: 'shop/web', authorization: `Basic ${base64('robot:canary-password')}` },
    cluster,
    output,
    requestsOf: (name) => asked.get(name) ?? 0,
    async serve(name, roles, leaseMs = 1_000, more = {}) {
      const config = await configurationOf(name, leaseMs, more);
      const works = more.worksFor === undefined ? [] : ['--clusters', more.worksFor];
      const child = spawn(process.execPath, ['src/cli.ts', 'serve', '--config', config, '--roles', roles, ...works], {
        env: {
          PATH: process.env['PATH'],
          ...recorded(),
          HOME: folder,
          REDIS_URL: more.redisUrl ?? redisUrl,
          SLACK_BOT_TOKEN: slack.botToken,
          SLACK_APP_TOKEN: slack.appToken,
          ...more.environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      processes.add(child);
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          output.set(name, (output.get(name) ?? '') + chunk.toString());
        });
      await eventually(() => expect(said).toContain('"msg":"serving"'));
      return { name, end: (signal) => end(child, signal) };
    },
    diagnose: (shop) => slack.command({ user: USER, channel: CHANNEL, text: `diagnose shop-${shop}/web-0` }),
    async stop() {
      for (const child of processes) await end(child, 'SIGKILL');
      await Promise.all([slack.stop(), redis.stop(), api.stop(), registry.stop(), certificates.remove()]);
      await rm(folder, { recursive: true });
    },
  };
}

/** What an API server sends as well, and the schema of a pod leaves out. */
function withMore(pod: Pod): Pod {
  const env = [{ name: 'DATABASE_PASSWORD', value: 'canary-environment' }];
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': 'canary-annotation' };
  const containers = pod.spec.containers.map((container) => ({ ...container, env }));
  const metadata = { ...pod.metadata, annotations };
  return { ...pod, metadata, spec: { ...pod.spec, containers } };
}

/** Shops of one pod, one image, one secret and one node each, so that no diagnosis can live on what another one read, or is a part of its incident. */
function shops(registry: RealRegistry): Recording {
  const pods: Pod[] = [];
  const secrets: Secret[] = [];
  const nodes: Node[] = [];
  const serviceAccounts: ServiceAccount[] = [];
  for (let shop = 0; shop < PODS; shop++) {
    const namespace = `shop-${shop}`;
    const image = `${registry.host}/shop/web:${shop}`;
    const address = `https://robot:canary-error@${registry.host}/v2/shop/web/manifests/${shop}?X-Amz-Signature=canary-signature`;
    const message = `Failed to pull image "${image}": failed to resolve image: HEAD ${address}: ${image}: not found`;
    const node = `node-${shop}`;
    const waiting = { reason: 'ErrImagePull', message };
    pods.push(withMore(podObject({ namespace, node, image, waiting, pullSecrets: ['regcred'] })));
    secrets.push(
      Secret.parse({
        metadata: { name: 'regcred', namespace },
        type: 'kubernetes.io/dockerconfigjson',
        data: {
          '.dockerconfigjson': base64({ auths: { [registry.host]: { auth: base64('robot:canary-password') } } }),
          extra: base64('canary-extra'),
        },
      }),
    );
    serviceAccounts.push(ServiceAccount.parse({ metadata: { name: 'default', namespace } }));
    nodes.push(nodeObject({ name: node }));
  }
  const [first] = pods;
  if (!first) throw new Error('there is no shop');
  return { ...recordingOf(first), pods, secrets, nodes, serviceAccounts };
}
