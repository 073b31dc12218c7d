import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/app/config.ts';
import { openService } from '../../src/app/service/service.ts';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import { resourceOfKind } from '../../src/demo/cluster/resources.ts';
import { type SlackServer, startSlack } from '../../src/demo/slack/slack-server.ts';
import type { StoredMessage } from '../../src/demo/slack/workspace.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { eventually, PATIENCE_MS } from './eventually.ts';
import { startServer } from './http-server.ts';
import { type RemedyCluster, remedyCluster } from './remedy-cluster.ts';
import { BOT_NAMESPACE, brokenRollout, digestOf, NAMESPACE, pod } from './remedy-objects.ts';

const CHANNEL = 'C0INCIDENTS';
/** Who asks, who may approve, and who may not. */
export const PEOPLE = { ann: 'U0ANN', bob: 'U0BOB', eve: 'U0EVE', mallory: 'U0MALLORY' } as const;
/** What people decide by unless a test says otherwise. */
export const POLICY = `
version: 1
organisation: T0DEMO
admins: { users: [${PEOPLE.ann}, ${PEOPLE.bob}] }
rules:
  - { name: all, approvers: { users: [${PEOPLE.bob}, ${PEOPLE.eve}] } }
`;

/** A card, and what people do with it. */
export interface IncidentCard {
  readonly card: StoredMessage;
  /** Texts of its thread. */
  replies(): string;
  says(text: RegExp): Promise<void>;
  buttons(): string;
  click(user: string, label: string): Promise<void>;
  /** Opens the window of the plan, sends it off with a reason, and answers with what the window showed. */
  decide(user: string, label: 'Review …' | 'Deny …', reason?: string): Promise<string>;
}

/** The whole service in this process, with a cluster, a registry and a workspace around it. */
export interface RemedyService {
  readonly slack: SlackServer;
  readonly cluster: RemedyCluster;
  /** Tags that the registry has; anything else is not there. */
  readonly tags: Set<string>;
  /** The repository of the broken workload. */
  readonly repository: string;
  /** Asks about a pod as Ann does, and waits for its verdict. */
  diagnose(pod?: string): Promise<IncidentCard>;
  command(user: string, text: string): Promise<void>;
  /** What somebody was told alone. */
  alone(user: string): string;
  /** The image that the workload asks for. */
  image(): string;
  /** Ends the service and starts it again, perhaps with another policy. */
  restart(policy?: string): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

/** Starts all of it, with `web` in the middle of a rollout to a tag that is not there. */
export async function remedyService(
  given: {
    readonly policy?: string;
    readonly redisUrl?: string;
    readonly remedies?: string;
    readonly signingKey?: string;
    readonly failing?: number;
    /** Where it is reached by browsers; without it incidents have no pages. */
    readonly publicPort?: number;
    /** More settings of the file. */
    readonly settings?: string;
    /** Prepares the workspace before the service starts. */
    readonly before?: (slack: SlackServer) => void;
    /** How something is waited for; outside of tests there is no `eventually`. */
    readonly until?: (check: () => void) => Promise<void>;
  } = {},
): Promise<RemedyService> {
  const { until = eventually } = given;
  const tags = new Set(['1.27.3', '1.27.5']);
  const registry = await startServer(({ method = '', url = '' }, response) => {
    const tag = /\/manifests\/(.+)$/.exec(url)?.[1];
    const json = (status: number, body: object, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(method === 'HEAD' ? '' : JSON.stringify(body));
    if (url === '/v2/') return void json(200, {});
    if (url.includes('/tags/list')) return void json(200, { name: 'shop/web', tags: [...tags] });
    if (tag === undefined || !(tags.has(tag) || tag.startsWith('sha256:')))
      return void json(404, { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] });
    const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json', 'docker-content-digest': digestOf(tag) };
    json(
      200,
      {
        schemaVersion: 2,
        mediaType: headers['content-type'],
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf('config'), size: 2 },
        layers: [],
      },
      headers,
    );
  });
  const repository = `${registry.host}/shop/web`;
  const images = { good: `${repository}:1.27.3`, bad: `${repository}:1.27.4` };
  const cluster = await remedyCluster(brokenRollout('Deployment', 'web', given.failing ?? 1, images));
  const slack = await startSlack({ burst: 1_000, limitMs: PATIENCE_MS });
  const { workspace } = slack;
  workspace.addChannel(CHANNEL, 'incidents', [workspace.botUser]);
  given.before?.(slack);
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-remedies-'));
  const file = (name: string) => join(folder, name);
  await writeFile(file('kubeconfig'), kubeconfigFor(cluster.server.url));
  await writeFile(file('approvals.yaml'), given.policy ?? POLICY);
  if (given.signingKey !== undefined) await writeFile(file('key.pem'), given.signingKey);
  const text = `
clusters:
  - name: prod
    kubeconfig: ${file('kubeconfig')}
    kubelet: off
    allowLoopback: true
    executor: { kubeconfig: ${file('kubeconfig')}, namespace: ${BOT_NAMESPACE} }
channels: { default: ${CHANNEL} }
watch: { enabled: false }
remedies: { policy: ${file('approvals.yaml')}, perHour: 100 ${given.signingKey === undefined ? '' : `, signingKey: ${file('key.pem')}`} ${given.remedies ?? ''} }
http: { host: 127.0.0.1, privatePort: 0, ${given.publicPort === undefined ? 'port: 0' : `port: ${given.publicPort}, publicUrl: 'http://127.0.0.1:${given.publicPort}'`} }
slack: { apiUrl: '${slack.apiUrl}' }
${given.settings ?? ''}
`;
  let log = '';
  const start = () =>
    openService(
      readConfig({
        file: { name: 'test.yaml', text },
        environment: {
          SLACK_BOT_TOKEN: slack.botToken,
          SLACK_APP_TOKEN: slack.appToken,
          ...(given.redisUrl === undefined ? {} : { REDIS_URL: given.redisUrl }),
        },
        roles: undefined,
        clusters: undefined,
      }),
      createLogger({
        write(line: string) {
          log += line;
          return true;
        },
      }),
    );
  let service = await start();
  const unwatch = playController(cluster, images.good);
  const posts = () => workspace.messages.filter(({ user }) => user === workspace.botUser);

  function cardOf(card: StoredMessage): IncidentCard {
    const click = async (user: string, label: string) => void (await slack.click({ user, message: card, label }));
    return {
      card,
      click,
      replies: () =>
        posts()
          .filter(({ threadTs }) => threadTs === card.ts)
          .map(({ text: said }) => said)
          .join('\n'),
      says: (wanted) => until(() => must(wanted.test(card.text), `the card says ${card.text}`)),
      buttons: () => JSON.stringify(card.blocks.filter((block) => JSON.stringify(block).includes('"button"'))),
      async decide(user, label, reason = '') {
        const before = workspace.views.length;
        await click(user, label);
        await until(() => must(workspace.views.length === before + 1, 'no window was opened'));
        const shown = JSON.stringify(workspace.views[before]?.view);
        await slack.submit({ user, view: before, values: { 'imagepull.plan.reason': reason } });
        return shown;
      },
    };
  }

  return {
    slack,
    cluster,
    tags,
    repository,
    async diagnose(name = 'web-r2-0') {
      const known = new Set(posts());
      await slack.command({ user: PEOPLE.ann, channel: CHANNEL, text: `diagnose ${NAMESPACE}/${name}` });
      let card: StoredMessage | undefined;
      await until(() => {
        card = posts().find((message) => !known.has(message) && message.threadTs === undefined);
        must(/^(?!Looking into)[\s\S]* checks/.test(card?.text ?? ''), `the card says ${card?.text}`);
      });
      if (!card) throw new Error('there is no card');
      return cardOf(card);
    },
    command: async (user, said) => void (await slack.command({ user, channel: CHANNEL, text: said })),
    alone: (user) =>
      [
        ...workspace.messages.filter(({ channel }) => channel === user).map(({ text: said }) => said),
        ...workspace.ephemerals.filter((one) => one.user === user).map(({ text: said }) => said),
        ...slack.responses.map(({ body }) => JSON.stringify(body)),
      ].join('\n'),
    image: () => /"image":"([^"]+)"/.exec(JSON.stringify(cluster.get('Deployment', 'web')?.['spec']))?.[1] ?? '',
    async restart(policy) {
      await service.stop();
      if (policy !== undefined) await writeFile(file('approvals.yaml'), policy);
      service = await start();
    },
    log: () => log,
    async stop() {
      unwatch();
      await service.stop();
      await Promise.all([slack.stop(), cluster.stop(), registry.stop(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** Does what a controller and a kubelet would: a changed template has new pods, a deleted pod a successor, and all of them get their images. */
function playController(cluster: RemedyCluster, good: string): () => void {
  const { store } = cluster.server;
  const successor = (image: string) =>
    pod({
      name: `web-${randomUUID().slice(0, 8)}`,
      image,
      state: 'pulled',
      owner: { kind: 'ReplicaSet', name: 'web-r2' },
      labels: { app: 'web' },
    });
  const ends = [
    store.watch(resourceOfKind('Deployment'), ({ before, after }) => {
      if (!before || !after || JSON.stringify(before['spec']) === JSON.stringify(after['spec'])) return;
      const image = /"image":"([^"]+)"/.exec(JSON.stringify(after['spec']))?.[1] ?? good;
      queueMicrotask(() => {
        const old = [...store.range(resourceOfKind('Pod'), { prefix: `${NAMESPACE}/`, from: '' })].map(([key]) => key);
        for (const key of old) store.remove(resourceOfKind('Pod'), key);
        cluster.put(...old.map(() => successor(image)));
      });
    }),
    store.watch(resourceOfKind('Pod'), ({ before, after }) => {
      if (before?.metadata.deletionTimestamp || !after?.metadata.deletionTimestamp) return;
      queueMicrotask(() => cluster.put(successor(/"image":"([^"]+)"/.exec(JSON.stringify(after['spec']))?.[1] ?? good)));
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
