import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readConfig } from '../../../src/app/config.ts';
import { openService } from '../../../src/app/service/service.ts';
import { startSlack } from '../../../src/demo/slack/slack-server.ts';
import type { StoredMessage } from '../../../src/demo/slack/workspace.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { eventually } from '../../support/eventually.ts';
import { type OwnNamespace, ownNamespace } from '../cluster.ts';
import { documentedAccount } from '../documented-roles.ts';

const CHANNEL = 'C0INCIDENTS';
export const PATIENCE_MS = 60_000;
/** Who asks, who may approve, and who may not. */
export const PEOPLE = { ann: 'U0ANN', bob: 'U0BOB', eve: 'U0EVE', mallory: 'U0MALLORY', guest: 'U0GUEST' } as const;

const POLICY = `
version: 1
organisation: T0DEMO
admins: { users: [${PEOPLE.ann}, ${PEOPLE.bob}] }
rules:
  - { name: all, approvers: { users: [${PEOPLE.ann}, ${PEOPLE.bob}, ${PEOPLE.eve}, ${PEOPLE.guest}] } }
`;

/** A card of one incident, as it stands, and what people do with it. */
export interface Incident {
  readonly card: StoredMessage;
  /** Texts of the thread. */
  replies(): readonly string[];
  says(text: string | RegExp): Promise<void>;
  /** The same for its thread, which has reasons whole. */
  replied(text: RegExp): Promise<void>;
  click(user: string, label: string): Promise<void>;
  /** Opens the window of the plan and sends it off. */
  decide(user: string, label: 'Review …' | 'Deny …', reason?: string): Promise<void>;
}

/** A service with remedies, and a workspace in which people click. */
export interface RemedyWorld {
  /** Where pods fail, and where the freeze is kept. */
  readonly own: OwnNamespace;
  readonly bot: OwnNamespace;
  readonly slack: Awaited<ReturnType<typeof startSlack>>;
  /** What people see and the log says, for a story that fails. */
  state(): string;
  /** Asks about a pod as Ann does, and waits for its verdict. */
  diagnose(pod: string): Promise<Incident>;
  /** The name of a pod with this app label that waits in back-off. */
  failingPod(app: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts it; `executor` is more of the configuration of the cluster's executor. */
export async function remedyWorld(
  given: {
    /** The executor gets the account that docs/security.md describes, with those of its rules that this keeps; else it may everything. */
    readonly account?: (rule: { readonly resources: readonly string[] }) => boolean;
    readonly executor?: string;
    readonly identities?: string;
    readonly policy?: string;
    /** The bot's own namespace, where it is there already. */
    readonly bot?: OwnNamespace;
    /** More of the configuration of the cluster. */
    readonly cluster?: string;
  } = {},
): Promise<RemedyWorld> {
  const [own, bot] = await Promise.all([ownNamespace(), given.bot ?? ownNamespace()]);
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-remedies-'));
  const slack = await startSlack({ burst: 100 });
  const { workspace } = slack;
  workspace.addChannel(CHANNEL, 'incidents', [workspace.botUser]);
  workspace.people.set(PEOPLE.guest, { guest: true });
  const policy = join(folder, 'approvals.yaml');
  await writeFile(policy, given.policy ?? POLICY);
  await bot.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'imagepull-freeze' }, data: { frozen: 'false' } });
  const account = given.account && (await documentedAccount(bot, 'executor', given.account));
  const executor = account ? join(folder, 'executor') : own.kubeconfig;
  if (account) await writeFile(executor, await account.kubeconfig());
  const text = `
clusters:
  - name: real
    kubeconfig: ${own.kubeconfig}
    kubelet: off
    allowLoopback: true
    namespaces: { allow: [${own.name}] }
    executor: { kubeconfig: ${executor}, namespace: ${bot.name} ${given.executor ?? ''} }
    ${given.cluster ?? ''}
channels: { default: ${CHANNEL} }
watch: { enabled: false }
remedies: { policy: ${policy}, perHour: 100 ${given.identities ?? ''} }
http: { host: 127.0.0.1, port: 0, privatePort: 0 }
slack: { apiUrl: '${slack.apiUrl}' }
`;
  const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
  const config = readConfig({ file: { name: 'test.yaml', text }, environment, roles: undefined, clusters: undefined });
  let log = '';
  const service = await openService(
    config,
    createLogger({
      write(line: string) {
        log += line;
        return true;
      },
    }),
  );
  const posts = () => workspace.messages.filter(({ user }) => user === workspace.botUser);

  function incidentOf(card: StoredMessage): Incident {
    const replies = () =>
      posts()
        .filter(({ threadTs }) => threadTs === card.ts)
        .map(({ text: said }) => said);
    const click = (user: string, label: string) => slack.click({ user, message: card, label }).then(() => undefined);
    return {
      card,
      replies,
      click,
      says: (wanted) => eventually(() => expect(card.text).toMatch(wanted), PATIENCE_MS),
      replied: (wanted) => eventually(() => expect(replies().join('\n')).toMatch(wanted), PATIENCE_MS),
      async decide(user, label, reason = '') {
        const before = workspace.views.length;
        await click(user, label);
        await eventually(() => expect(workspace.views.length).toBe(before + 1), PATIENCE_MS);
        await slack.submit({ user, view: before, values: { 'imagepull.plan.reason': reason } });
      },
    };
  }

  return {
    own,
    bot,
    slack,
    state: () =>
      [
        ...posts().map(({ text: said }) => said),
        ...workspace.ephemerals.map(({ user, text: said }) => `to ${user}: ${said}`),
        log.slice(-3_000),
      ]
        .slice(-30)
        .join('\n---\n'),
    async diagnose(pod) {
      const known = new Set(posts());
      await slack.command({ user: PEOPLE.ann, channel: CHANNEL, text: `diagnose ${own.name}/${pod}` });
      let card: StoredMessage | undefined;
      await eventually(() => {
        card = posts().find((message) => !known.has(message) && message.threadTs === undefined && message.text.includes(own.name));
        expect(card?.text ?? '').toMatch(/ checks/);
        expect(card?.text).not.toMatch(/^Looking into/);
      }, PATIENCE_MS);
      if (!card) throw new Error('there is no card');
      return incidentOf(card);
    },
    async failingPod(app) {
      let pod = '';
      await eventually(async () => {
        const lines = (await own.kubectl('get', 'pods', '-l', `app=${app}`, '--no-headers')).trim().split('\n');
        const failing = lines.find((line) => /ImagePullBackOff|ErrImagePull/.test(line));
        expect(failing ?? lines.join()).toMatch(/ImagePullBackOff|ErrImagePull/);
        pod = failing?.split(/\s+/)[0] ?? '';
      }, PATIENCE_MS);
      return pod;
    },
    async stop() {
      await service.stop();
      await slack.stop();
      await account?.remove();
      await Promise.all([own.remove(), given.bot ? undefined : bot.remove(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

/** A tag that nobody else has. */
export const newTag = (): string => `imagepull-${randomUUID().slice(0, 8)}`;
