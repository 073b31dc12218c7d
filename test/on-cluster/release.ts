import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { type SlackServer, startSlack } from '../../src/demo/slack/slack-server.ts';
import type { StoredMessage } from '../../src/demo/slack/workspace.ts';
import { find, type RenderedObject } from '../helm/rendered.ts';
import { render } from '../support/helm.ts';
import { startRedis } from '../support/redis.ts';
import { runCli } from '../support/run-cli.ts';
import { newKeys } from '../support/signing-keys.ts';
import type { OwnNamespace } from './cluster.ts';
import { kubeconfigOf } from './documented-roles.ts';
import { type ServedProcess, serveProcess } from './process.ts';

/** Where a release speaks, who asks there, and who approves. */
export const CHANNEL = 'C0INCIDENTS';
export const [ANN, BOB] = ['U0ANN', 'U0BOB'];
const ALERTS_TOKEN = 'canary-token-of-alerts';

export type Role = 'gateway' | 'worker' | 'executor';
export type Mode = 'cluster' | 'namespaces' | 'read-only';

/** What the chart would start in pods, each role in a process of its own with the configuration and the account that the chart gives it. */
export interface Release {
  readonly roles: readonly Role[];
  readonly slack: SlackServer;
  /** The name of its ClusterRole or Role for reading. */
  readonly reader: string;
  /** The one card; undefined until it is posted. */
  card(): StoredMessage | undefined;
  /** What all processes wrote last. */
  log(): string;
  /** Sends an alert about a pod as Alertmanager does. Throws where it is not taken. */
  alert(pod: string): Promise<void>;
  /** The doctor as `helm test` starts it for a role: exit code, and what is not fine. */
  doctor(role: Role): Promise<{ readonly code: number | null; readonly wrong: readonly string[] }>;
  stop(): Promise<void>;
}

/** Starts a release in the namespace `bot` that is for the namespace `own`. */
export async function startRelease(mode: Mode, { own, bot }: { readonly own: OwnNamespace; readonly bot: OwnNamespace }): Promise<Release> {
  const stops: (() => Promise<unknown>)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-release-'));
  stops.push(() => rm(folder, { recursive: true }));
  const slack = await startSlack({ burst: 100 });
  slack.workspace.addChannel(CHANNEL, 'incidents', [slack.workspace.botUser]);
  const redis = await startRedis();
  stops.push(redis.stop, slack.stop);
  const keys = { gateway: newKeys(), executor: newKeys() };
  const values = valuesOf(mode, { namespace: own.name, apiUrl: slack.apiUrl, keys });
  await writeFile(join(folder, 'values.yaml'), JSON.stringify(values));
  const objects = await render(['--values', join(folder, 'values.yaml'), '--set', `fullnameOverride=${bot.name}`], bot.name);
  const rights = objects.filter(({ kind }) => kind === 'ServiceAccount' || kind.includes('Role'));
  const wide = rights.filter(({ kind }) => kind.startsWith('ClusterRole')).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  if (wide.length > 0) stops.push(() => own.kubectl('delete', ...wide));
  await bot.create(...rights, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'imagepull-freeze', namespace: bot.name },
    data: { frozen: 'false' },
  });

  const roles: readonly Role[] = mode === 'read-only' ? ['gateway', 'worker'] : ['gateway', 'worker', 'executor'];
  await mkdir(join(folder, 'remedies'));
  if (mode !== 'read-only')
    for (const [file, text] of Object.entries(find(objects, 'ConfigMap', `${bot.name}-remedies`).data ?? {}))
      await writeFile(join(folder, 'remedies', file), text);
  const started = new Map<Role, { readonly file: string; readonly options: readonly string[]; readonly env: Record<string, string> }>();
  const processes = new Map<Role, ServedProcess>();
  const stopAll = async () => {
    await Promise.all([...processes.values()].map((one) => one.stop()));
    for (const stop of stops.toReversed()) await stop();
  };
  try {
    for (const role of roles) {
      await mkdir(join(folder, role));
      if (role !== 'worker') await writeFile(join(folder, role, 'key.pem'), keys[role].privatePem);
      if (role !== 'gateway') await writeFile(join(folder, role, 'kubeconfig'), await kubeconfigOf(`${bot.name}-${role}`, bot));
      const account = role === 'gateway' ? {} : { KUBECONFIG: join(folder, role, 'kubeconfig') };
      const tokens = role === 'gateway' ? { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken, ALERTS_TOKEN } : {};
      const text = (find(objects, 'ConfigMap', `${bot.name}-${role}`).data?.['config.yaml'] ?? '')
        .replaceAll('/etc/imagepull/remedies', join(folder, 'remedies'))
        .replaceAll('/etc/imagepull/key', join(folder, role));
      const file = join(folder, role, 'config.yaml');
      await writeFile(file, text);
      const env = { REDIS_URL: redis.url, ...account, ...tokens };
      started.set(role, { file, env, options: optionsOf(objects, `${bot.name}-${role}`) });
      processes.set(role, await serveProcess(text, env, optionsOf(objects, `${bot.name}-${role}`)));
    }
  } catch (cause) {
    await stopAll();
    throw cause;
  }
  const { workspace } = slack;
  return {
    roles,
    slack,
    reader: mode === 'namespaces' ? `${bot.name}-reader` : `${bot.name}-${bot.name}-reader`,
    card: () => workspace.messages.find(({ user, threadTs }) => user === workspace.botUser && threadTs === undefined),
    log: () => [...processes.values()].map(({ said }) => said().slice(-1_500)).join('\n'),
    async alert(pod) {
      const port = /"port":(\d+)[^\n]*"msg":"listening for requests"/.exec(processes.get('gateway')?.said() ?? '')?.[1];
      const firing = {
        status: 'firing',
        labels: { alertname: 'ImagePullBackOff', namespace: own.name, pod },
        annotations: {},
        startsAt: new Date().toISOString(),
        fingerprint: pod,
      };
      const response = await fetch(`http://127.0.0.1:${port}/webhooks/main`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ALERTS_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ version: '4', status: 'firing', groupKey: pod, alerts: [firing] }),
      });
      expect([response.status, await response.text()]).toEqual([expect.toSatisfy((status: number) => status < 300), expect.any(String)]);
    },
    async doctor(role) {
      const { file = '', options = [], env = {} } = started.get(role) ?? {};
      const { code, stdout } = await runCli(['doctor', '--config', file, ...options, '-o', 'json'], { env });
      const { checks } = DoctorDocument.parse(JSON.parse(stdout));
      const wrong = checks.filter(({ status }) => status === 'warning' || status === 'broken');
      return { code, wrong: wrong.map(({ id, status, says }) => `${status} ${id}: ${says}`) };
    },
    stop: stopAll,
  };
}

const DoctorDocument = z.object({ checks: z.array(z.object({ id: z.string(), status: z.string(), says: z.string() })) });

/** The options of `serve` that its Deployment has, but the file. */
function optionsOf(objects: readonly RenderedObject[], name: string): readonly string[] {
  const [{ args = [] } = {}] = find(objects, 'Deployment', name).spec?.template?.spec.containers ?? [];
  return args.slice(args.indexOf('--config') + 2);
}

function valuesOf(
  mode: Mode,
  given: {
    readonly namespace: string;
    readonly apiUrl: string;
    readonly keys: Readonly<Record<'gateway' | 'executor', ReturnType<typeof newKeys>>>;
  },
): object {
  const { namespace, apiUrl, keys } = given;
  const remedies = {
    enabled: true,
    namespaces: [namespace],
    policy: { version: 1, organisation: 'T0DEMO', rules: [{ name: 'all', approvers: { users: [BOB] } }] },
    keys: { gatewayPublic: [keys.gateway.publicPem], executorPublic: [keys.executor.publicPem] },
  };
  const narrowed = mode === 'namespaces' ? { scope: 'namespaces', namespaces: [namespace] } : {};
  return {
    ...narrowed,
    cluster: {
      name: 'real',
      kubelet: 'off',
      settings: { allowLoopback: true, ...(mode === 'namespaces' ? {} : { namespaces: { allow: [namespace] } }) },
    },
    config: {
      channels: { default: CHANNEL },
      http: { host: '127.0.0.1', port: 0, privatePort: 0 },
      slack: { apiUrl: apiUrl },
      watch: { enabled: false },
      alerts: {
        sources: [{ name: 'main', sender: 'alertmanager', authentication: { scheme: 'bearer', secret: 'ALERTS_TOKEN' }, cluster: 'real' }],
      },
    },
    ...(mode === 'read-only'
      ? { readOnly: true, worker: { replicas: 1 } }
      : { remedies: mode === 'namespaces' ? { ...remedies, approver: 'off' } : remedies }),
  };
}
