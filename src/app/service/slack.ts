import { randomUUID } from 'node:crypto';
import type { Chat } from '../../chat/chat.ts';
import { CodedError } from '../../errors.ts';
import type { Checkable } from '../../health.ts';
import { type Access, createAccess } from '../../intake/access.ts';
import { createIntake, type IntakeParts } from '../../intake/create-intake.ts';
import { type ExaminationParts, examineFor } from '../../intake/examination.ts';
import type { People } from '../../intake/people.ts';
import type { PlanDesk } from '../../intake/plans/plan-desk.ts';
import type { TaskQueue } from '../../queue/task-queue.ts';
import type { SlackGateway } from '../../slack/app.ts';
import type { SlackAccess } from '../../slack/connection/connection.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { readPolicy } from '../approvals.ts';
import { type Config, type SlackTokens, slackUse } from '../config.ts';
import { alertMessagesOf } from './alerts.ts';
import type { Listeners } from './listeners.ts';

/** Both sides of Slack: what is said, and what people do. */
export interface Slack {
  readonly chat: Chat;
  /** Of Slack's Web API, with the bot's token. */
  readonly health: Checkable;
  readonly people: People;
  /** The same, and nothing is believed that was asked before. */
  readonly fresh: People;
  /** Who may ask about what. */
  readonly access: Access;
  /** Begins to take what people do. Throws `chat/unavailable`. */
  listen(given: Listening): Promise<SlackGateway>;
}

/** What people's requests are taken with. */
interface Listening {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly plans: PlanDesk | undefined;
  /** How this process looks at itself, and its id in its signs of life. */
  readonly self: Pick<ExaminationParts, 'look' | 'processId'>;
  readonly pages: IntakeParts['pages'];
  /** The names of all causes, for corrections. */
  readonly causes: readonly string[];
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Loaded on demand: a worker talks to no Slack. */
export async function openSlack(
  config: Config,
  tokens: SlackTokens,
  { metrics, addRoute, now }: { readonly metrics: Metrics; readonly addRoute: Listeners['addRoute']; readonly now: () => Date },
): Promise<Slack> {
  const [{ createSlackChat }, { openSlackGateway }, { createSlackClient }, { checkWay, createSlackNetwork }, { createSlackPeople }] =
    await Promise.all([
      import('../../slack/chat.ts'),
      import('../../slack/app.ts'),
      import('../../slack/connection/connection.ts'),
      import('../../slack/connection/network.ts'),
      import('../../slack/people.ts'),
    ]);
  const { apiUrl, mode } = config.slack;
  checkWay(apiUrl, process.env);
  const network = createSlackNetwork(process.env);
  const common = { botToken: tokens.bot, apiUrl, network, use: slackUse(config) };
  const access: SlackAccess =
    mode === 'socket'
      ? { ...common, mode, appToken: tokens.app ?? '' }
      : { ...common, mode, signingSecret: tokens.signingSecret ?? '', addRoute };
  // The queue waits and tries again, so the client must not.
  const client = createSlackClient(access, 0);
  const people = createSlackPeople(client);
  const asks = createAccess({ clusters: config.clusters, rules: config.access.rules, people });
  return {
    chat: createSlackChat(client, metrics),
    health: createSlackChat(client),
    people,
    fresh: createSlackPeople(client, Date.now, 0),
    access: asks,
    listen({ log, self, ...given }) {
      const admins = adminsOf(config);
      const intake = createIntake({
        ...given,
        examine: ({ person }) => examineFor(person, { ...self, store: given.store, people, admins }),
        clusters: config.clusters.map(({ name }) => name),
        keepsRecordings: config.redisUrl !== undefined,
        access: asks,
        now,
        newId: () => randomUUID(),
        alertMessages: alertMessagesOf(config, { ...given, log, now }),
      });
      return openSlackGateway(access, intake, log);
    },
  };
}

/** Whom approvals.yaml names. */
function adminsOf({ remedies: { policy } }: Config): ExaminationParts['admins'] {
  if (policy === undefined) return undefined;
  const { admins } = readPolicy(policy, undefined);
  return admins.users.length + admins.groups.length > 0 ? admins : undefined;
}

/** Both ways: what is said, and what people do. */
export function slackHealth({ health }: Slack, gateway: Pick<SlackGateway, 'isConnected'>): Checkable {
  return {
    async check(signal) {
      if (gateway.isConnected()) return health.check(signal);
      return { status: 'ill', says: 'The connection on which what people do in Slack comes in is away. It is tried again.' };
    },
  };
}

/** A worker is given nothing to say, so nobody calls this. */
export const NO_CHAT: Chat = {
  post: refuseToSpeak,
  update: refuseToSpeak,
  find: refuseToSpeak,
  findForgotten: refuseToSpeak,
  notify: refuseToSpeak,
  link: refuseToSpeak,
};

async function refuseToSpeak(): Promise<never> {
  throw new CodedError('engine/no-chat', 'A worker without the role gateway says nothing.');
}
