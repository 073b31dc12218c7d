import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../app/config.ts';
import { openService, type Service } from '../../app/service/service.ts';
import { PLAN_MARK } from '../../remedies/dry-run-diff.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { kubeconfigFor } from '../cluster/kubeconfig.ts';
import type { ObjectStore } from '../cluster/object-store.ts';
import type { StoredObject } from '../cluster/objects.ts';
import { resourceOfKind } from '../cluster/resources.ts';
import type { SlackServer } from '../slack/slack-server.ts';
import { PEOPLE } from '../stories/story.ts';
import { createLives, type Life } from './lives.ts';

/** Where the bot speaks. */
export const CHANNEL = 'C0INCIDENTS';
/** Where it lives. */
export const BOT_NAMESPACE = 'imagepull';
/** Where pods of node tasks are. */
export const TASK_NAMESPACE = 'imagepull-node';
/** How often it looks at all pods, where it watches. */
const SWEEP_MS = 5_000;
const ALERTS = {
  name: 'prometheus',
  sender: 'alertmanager',
  authentication: { scheme: 'bearer', secret: 'ALERTS_TOKEN' },
  cluster: 'demo',
};
const POLICY = `
version: 1
organisation: T0DEMO
admins: { users: [${PEOPLE.ann}, ${PEOPLE.bob}] }
rules:
  - { name: demo, approvers: { users: [${PEOPLE.ann}, ${PEOPLE.bob}, ${PEOPLE.eve}] } }
`;

/** The real service, with what is done to it. */
export interface Bot {
  /** What all its lives logged, as JSON lines. */
  log(): string;
  /** Its time goes on by so many ms at once. */
  pass(ms: number): void;
  /** How many records of each kind it keeps. */
  kept(): Promise<Readonly<Record<'incidents' | 'runs' | 'plans', number>>>;
  /** Sends it an alert with these labels, as Alertmanager does. Throws where it is refused. */
  alert(labels: Readonly<Record<string, string>>): Promise<void>;
  /** Ends it as pulling the plug does, as soon as it has changed a Deployment and before it can write that down. Resolves once it is dead. */
  dieAfterWriting(): Promise<void>;
  /** Starts it again with the store and the queue that its last life has left. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What a bot is started for. */
export interface BotSetting {
  readonly slack: SlackServer;
  /** As `clusters` of its configuration has it; `kubeconfigOf` writes a kubeconfig beside it. */
  readonly cluster: (kubeconfigOf: (url: string) => Promise<string>) => Promise<object>;
  /** Where its writes are seen; absent for a cluster that is none of ours. */
  readonly store: ObjectStore | undefined;
  /** Whether it may change anything, once people have approved it. */
  readonly changes: boolean;
  readonly watch: boolean;
  readonly alerts: boolean;
}

/** Starts the real service. Throws what it throws when it starts. */
export async function startBot({ slack, cluster, store, changes, watch, alerts }: BotSetting): Promise<Bot> {
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-demo-'));
  const [policy, signingKey] = [join(folder, 'approvals.yaml'), join(folder, 'key.pem')];
  const { privateKey } = generateKeyPairSync('ed25519');
  await Promise.all([writeFile(policy, POLICY), writeFile(signingKey, privateKey.export({ type: 'pkcs8', format: 'pem' }))]);
  const kubeconfigOf = async (url: string) => {
    const file = join(folder, 'kubeconfig');
    await writeFile(file, kubeconfigFor(url));
    return file;
  };
  // Cards link to pages of the service, so its port has to be known before it listens.
  const port = await freePort();
  const text = JSON.stringify({
    clusters: [{ kubelet: 'off', allowLoopback: true, ...(await cluster(kubeconfigOf)) }],
    channels: { default: CHANNEL },
    watch: { enabled: watch, sweepMs: SWEEP_MS },
    alerts: { sources: alerts ? [ALERTS] : [] },
    ...(changes ? { remedies: { policy, signingKey, perHour: 100 } } : {}),
    http: { host: '127.0.0.1', port, privatePort: 0, publicUrl: `http://127.0.0.1:${port}` },
    slack: { apiUrl: slack.apiUrl },
  });
  const token = randomUUID();
  const lives = createLives();
  let log = '';
  // Time that was let pass, by which the bot is ahead of the machine.
  let passedMs = 0;

  async function live(): Promise<{ readonly service: Service; readonly life: Life; muted: boolean }> {
    const state = { muted: false };
    const logger = createLogger({
      write(line: string) {
        if (!state.muted) log += line;
        return true;
      },
    });
    const life = lives.begin(logger);
    const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
    const service = await openService(
      readConfig({ file: { name: 'demo.json', text }, environment, roles: undefined, clusters: undefined }),
      logger,
      {
        now: () => new Date(Date.now() + passedMs),
        open: async () => life.backend,
        environment: { [ALERTS.authentication.secret]: token },
      },
    );
    return Object.assign(state, { service, life });
  }

  const removeFolder = () => rm(folder, { recursive: true, force: true });
  let living = await live().catch(async (cause: unknown) => {
    await removeFolder();
    throw cause;
  });

  return {
    log: () => log,
    kept: () => lives.kept(),
    pass(ms) {
      passedMs += ms;
    },
    async alert(labels) {
      const alert = { status: 'firing', labels, annotations: {}, startsAt: new Date(Date.now() + passedMs).toISOString() };
      const answer = await fetch(`http://127.0.0.1:${living.service.port}/webhooks/${ALERTS.name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ version: '4', status: 'firing', alerts: [{ ...alert, fingerprint: JSON.stringify(labels) }] }),
      });
      if (answer.status !== 202) throw new Error(`the service refuses an alert: ${answer.status} ${await answer.text()}`);
    },
    dieAfterWriting() {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (store === undefined) throw new Error('the writes to this cluster are not seen');
      const end = store.watch(resourceOfKind('Deployment'), ({ before, after }) => {
        if (markOf(after) === undefined || markOf(after) === markOf(before)) return;
        end();
        living.life.die();
        living.muted = true;
        resolve();
      });
      return promise;
    },
    async restart() {
      // What is left of it closes its connections.
      await living.service.stop();
      living = await live();
    },
    async stop() {
      await living.service.stop();
      await removeFolder();
    },
  };
}

/** The plan that an object was last changed by. */
function markOf(object: StoredObject | undefined): unknown {
  const annotations: unknown = object?.metadata['annotations'];
  return typeof annotations === 'object' && annotations !== null ? Reflect.get(annotations, PLAN_MARK) : undefined;
}

/** A port that nobody listened on a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
