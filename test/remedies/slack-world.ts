import type { ApprovalPolicy } from '../../src/approval/policy.ts';
import { type SlackServer, startSlack } from '../../src/demo/slack/slack-server.ts';
import type { StoredMessage } from '../../src/demo/slack/workspace.ts';
import type { HttpRoute } from '../../src/http/handler.ts';
import { createAccess } from '../../src/intake/access.ts';
import { createIntake } from '../../src/intake/create-intake.ts';
import { planCard } from '../../src/report/card/plan-card.ts';
import { openSlackGateway } from '../../src/slack/app.ts';
import { slackMessage } from '../../src/slack/blocks.ts';
import { createSlackClient, type SlackAccess } from '../../src/slack/connection/connection.ts';
import { createSlackNetwork } from '../../src/slack/connection/network.ts';
import { createSlackPeople } from '../../src/slack/people.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';
import { unexamined } from '../support/people.ts';
import { CHANNEL, CLUSTER, type Gateway, GROUP, type PlanWorld, planWorld, WHO } from './plan-world.ts';

export const SIGNING_SECRET = 'signing-canary';
const USE = { outlivesProcess: false, asksForGroups: true, asksForEmail: false, readsAlerts: false };

/** A workspace in which people click on cards of plans, with a gateway that asks it who they are. */
export interface SlackWorld extends PlanWorld {
  readonly slack: SlackServer;
  /** A gateway as a process that was started just now; over HTTP where a route is to be added. */
  connect(addRoute?: (route: HttpRoute) => void): Promise<Gateway & { stop(): Promise<void> }>;
  /** The card of a plan as it stands now, as it was posted. */
  card(planId: string): Promise<StoredMessage>;
  /** Clicks on a card and waits for the window; its number. */
  open(user: string, card: StoredMessage, label?: 'Review …' | 'Deny …'): Promise<number>;
  /** What somebody was told last in a direct message. */
  told(user: string): string;
}

export async function slackWorld(policy: ApprovalPolicy): Promise<SlackWorld> {
  const [world, slack] = await Promise.all([planWorld(policy), startSlack({ burst: 10_000, limitMs: PATIENCE_MS })]);
  const { workspace } = slack;
  workspace.addChannel(CHANNEL, 'incidents', [workspace.botUser, ...Object.values(WHO)]);
  workspace.people.set(WHO.guest, { guest: true });
  workspace.groups.set(GROUP, [WHO.bob, WHO.eve]);
  const common = { botToken: slack.botToken, apiUrl: slack.apiUrl, network: createSlackNetwork({}), use: USE };

  return {
    ...world,
    slack,
    async connect(addRoute) {
      const access: SlackAccess = addRoute
        ? { ...common, mode: 'http', signingSecret: SIGNING_SECRET, addRoute }
        : { ...common, mode: 'socket', appToken: slack.appToken };
      const people = createSlackPeople(createSlackClient(access, 0), Date.now, 0);
      const gateway = world.gateway({ people });
      const intake = createIntake({
        examine: unexamined,
        store: world.store,
        queue: world.queue,
        access: createAccess({ clusters: [{ name: CLUSTER, namespaces: { deny: [] } }], rules: undefined, people }),
        clusters: [CLUSTER],
        causes: [],
        keepsRecordings: false,
        now: world.now,
        newId: gateway.parts.newId,
        plans: gateway.desk,
      });
      const { stop } = await openSlackGateway(access, intake, SILENT);
      return { ...gateway, stop };
    },
    async card(planId) {
      const record = await world.store.plans.read(planId);
      const incident = await world.store.incidents.read(record.incidentId);
      const pieces = planCard(incident, { record, standing: await world.standing(planId) }, []) ?? [];
      const { text, blocks } = slackMessage({ key: 'card', inThread: false, pieces, text: 'card' });
      return workspace.post({ channel: CHANNEL, user: workspace.botUser, text, blocks });
    },
    async open(user, card, label = 'Review …') {
      const before = workspace.views.length;
      await slack.click({ user, message: card, label });
      await eventually(() => {
        if (workspace.views.length === before) throw new Error('no window was opened');
      });
      return before;
    },
    told: (user) =>
      workspace.messages
        .filter(({ channel }) => channel === user)
        .map(({ text }) => text)
        .at(-1) ?? '',
    async stop() {
      await Promise.all([slack.stop(), world.stop()]);
    },
  };
}
