import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createListener } from '../../src/http/listener.ts';
import { IDS } from '../../src/slack/ids.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';
import { decide, isForExecutor, perform, proposed } from './journey.ts';
import { BY_GROUP, CHANNEL, type Gateway, GROUP, POLICY, WHO } from './plan-world.ts';
import { SIGNING_SECRET, type SlackWorld, slackWorld } from './slack-world.ts';

const { ann, bob, eve, fay, mallory, guest } = WHO;
let world: SlackWorld;
let gateway: Gateway & { stop(): Promise<void> };
let count = 0;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  world = await slackWorld(POLICY);
  gateway = await world.connect();
});
afterAll(async () => {
  await gateway.stop();
  await world.stop();
});
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

const newPlan = async () => {
  const app = `click-${++count}`;
  const planId = await proposed(world, { app, remedy: 'roll-back', gateway });
  return { app, planId, card: await world.card(planId) };
};
const decisionsOf = async (planId: string) => (await world.store.plans.read(planId)).decisions.length;
const submit = (user: string, view: number, reason?: string) =>
  world.slack.submit({ user, view, values: reason === undefined ? {} : { [IDS.planReason]: reason } });
const writesOf = (app: string) => world.done().filter(({ request }) => request.endsWith(`/${app}`)).length;

/** Nothing was decided, and nothing is done by whoever looks after plans. */
async function nothingComesOf({ planId, app }: { readonly planId: string; readonly app: string }, decisions = 0) {
  expect(await decisionsOf(planId)).toBe(decisions);
  await gateway.settle();
  await perform(world);
  expect(writesOf(app)).toBe(0);
}

describe('a click of somebody who may', () => {
  it('decides once its window is sent off, and only then', async () => {
    const { app, planId, card } = await newPlan();
    const view = await world.open(bob, card);
    expect(await decisionsOf(planId)).toBe(0);
    await submit(bob, view, 'the tag is wrong');
    expect(await decisionsOf(planId)).toBe(1);
    await perform(world);
    expect(writesOf(app)).toBe(1);
  });

  it('counts after a restart of the gateway as well, with a window that the process before it had opened', async () => {
    const { app, planId, card } = await newPlan();
    const view = await world.open(bob, card);
    await gateway.stop();
    gateway = await world.connect();
    await submit(bob, view);
    expect(await decisionsOf(planId)).toBe(1);
    await perform(world);
    expect(writesOf(app)).toBe(1);
  });
});

/** The same remedy as it failed earlier today for the incident, so many times. */
async function failedEarlier(planId: string, times: number): Promise<void> {
  const { proposal: _, ...record } = await world.store.plans.read(planId);
  const at = world.now().toISOString();
  for (let time = 0; time < times; time++)
    await world.store.plans.create({
      ...record,
      id: `${planId.slice(0, 40)}-earlier-${time}`,
      revision: 0,
      execution: { status: 'applied', at, says: 'It was changed.', before: [] },
      effect: { status: 'failed', at, pods: 1, pulled: 0, says: 'It fails as before.' },
    });
}

describe('what has failed twice', () => {
  it('is approved a third time only with a reason', async () => {
    const { app, planId, card } = await newPlan();
    await failedEarlier(planId, 2);
    await submit(bob, await world.open(bob, card));
    expect(world.told(bob)).toContain('Say why it should help now');
    expect(await decisionsOf(planId)).toBe(0);
    await submit(bob, await world.open(bob, card), 'the registry is back');
    expect(await decisionsOf(planId)).toBe(1);
    await perform(world);
    expect(writesOf(app)).toBe(1);
  });

  it('is no reason to ask for one where it was once', async () => {
    const { planId, card } = await newPlan();
    await failedEarlier(planId, 1);
    await submit(bob, await world.open(bob, card));
    expect(await decisionsOf(planId)).toBe(1);
  });
});

describe('nothing is decided by', () => {
  it('a second click, a window that is sent off twice, or a delivery that comes twice: a window decides once', async () => {
    const { app, planId, card } = await newPlan();
    const [first, second] = [await world.open(bob, card), await world.open(bob, card)];
    await submit(bob, first);
    await submit(bob, first);
    expect(world.told(bob)).toContain('That was taken already');
    await submit(bob, second);
    expect(await decisionsOf(planId)).toBe(1);
    await perform(world);
    expect(writesOf(app)).toBe(1);
  });

  it('the replay of a submission in another time: five minutes later it is none', async () => {
    const plan = await newPlan();
    const view = await world.open(bob, plan.card);
    world.forward(5 * 60_000);
    world.content.claims.clear();
    await submit(bob, view);
    expect(world.told(bob)).toContain('was open for too long');
    await nothingComesOf(plan);
  });

  it('a window that was opened for somebody else', async () => {
    const plan = await newPlan();
    const view = await world.open(bob, plan.card);
    await submit(eve, view);
    expect(world.told(eve)).toContain('is none of mine');
    await nothingComesOf(plan);
  });

  it('whoever asked for it, though the policy named them', async () => {
    const plan = await newPlan();
    await submit(ann, await world.open(ann, plan.card));
    expect(world.told(ann)).toContain('proposed the plan');
    await nothingComesOf(plan);
  });

  it('whoever is not named', async () => {
    const plan = await newPlan();
    await submit(mallory, await world.open(mallory, plan.card));
    expect(world.told(mallory)).toContain('not among the approvers');
    await nothingComesOf(plan);
  });

  it('a guest, though the policy names them: no window opens', async () => {
    const plan = await newPlan();
    const before = world.slack.workspace.views.length;
    const answered = world.slack.responses.length;
    await world.slack.click({ user: guest, message: plan.card, label: 'Review …' });
    await eventually(() => expect(world.slack.responses.length).toBeGreaterThan(answered));
    expect(world.slack.workspace.views).toHaveLength(before);
    await nothingComesOf(plan);
  });

  it('somebody who became a guest, or left for another workspace, while the window was open', async () => {
    for (const what of [{ guest: true }, { team: 'T0OTHER' }]) {
      const plan = await newPlan();
      const view = await world.open(bob, plan.card);
      world.slack.workspace.people.set(bob, what);
      await submit(bob, view);
      world.slack.workspace.people.delete(bob);
      expect(world.told(bob)).toContain('Only full members of the organisation');
      await nothingComesOf(plan);
    }
  });

  it('somebody of another workspace who is in a shared channel: no window opens', async () => {
    const plan = await newPlan();
    world.slack.workspace.people.set('U0FOREIGN', { team: 'T0OTHER' });
    const [before, answered] = [world.slack.workspace.views.length, world.slack.responses.length];
    await world.slack.click({ user: 'U0FOREIGN', message: plan.card, label: 'Review …' });
    await eventually(() => expect(world.slack.responses.length).toBeGreaterThan(answered));
    expect(world.slack.workspace.views).toHaveLength(before);
    await nothingComesOf(plan);
  });

  it('anybody, once the channel is shared with another organisation', async () => {
    const plan = await newPlan();
    const view = await world.open(bob, plan.card);
    const channel = world.slack.workspace.channels.get(CHANNEL);
    if (channel === undefined) throw new Error('there is no channel');
    channel.shared = true;
    await submit(bob, view);
    channel.shared = false;
    expect(world.told(bob)).toContain('The plan is not the one that you were shown any more, or is decided');
    await nothingComesOf(plan);
  });

  it('a click on an old card, whose plan another one has taken the place of', async () => {
    const { app, planId, card } = await newPlan();
    const view = await world.open(bob, card);
    await gateway.desk.propose({
      person: { user: ann, channel: CHANNEL },
      incidentId: `incident-${app}`,
      remedy: 'roll-back',
    });
    await submit(bob, view);
    expect(world.told(bob)).toContain('is not the one that you were shown any more');
    const [before, answered] = [world.slack.workspace.views.length, world.slack.responses.length];
    await world.slack.click({ user: bob, message: card, label: 'Review …' });
    await eventually(() => expect(world.slack.responses.length).toBeGreaterThan(answered));
    expect(world.slack.workspace.views).toHaveLength(before);
    await nothingComesOf({ planId, app });
  });

  it('a card that somebody has rewritten to name another plan: the window shows the plan that it decides about', async () => {
    const [harmless, other] = [await newPlan(), await newPlan()];
    const blocks: unknown[] = JSON.parse(JSON.stringify(harmless.card.blocks).replaceAll(harmless.planId, other.planId));
    const rewritten = world.slack.workspace.post({ channel: CHANNEL, user: 'U0BOT', text: 'x', blocks });
    const before = world.slack.workspace.views.length;
    const answered = world.slack.responses.length;
    await world.slack.click({ user: bob, message: rewritten, label: 'Review …' });
    await eventually(() => expect(world.slack.responses.length).toBeGreaterThan(answered));
    // The digest beside the id is that of the other plan.
    expect(world.slack.workspace.views).toHaveLength(before);
    await nothingComesOf(harmless);
    await nothingComesOf(other);
  });

  it('a late click, after the end of the plan', async () => {
    const plan = await newPlan();
    const view = await world.open(bob, plan.card);
    world.forward(29 * 60_000);
    const late = await world.open(bob, plan.card);
    world.forward(60_000);
    await submit(bob, late);
    expect(world.told(bob)).toContain('The plan is not the one that you were shown any more, or is decided');
    await submit(bob, view);
    await nothingComesOf(plan);
  });

  it('an approval after a denial', async () => {
    const plan = await newPlan();
    const [deny, approve] = [await world.open(eve, plan.card, 'Deny …'), await world.open(bob, plan.card)];
    await submit(eve, deny, 'a release is under way');
    await submit(bob, approve);
    expect(world.told(bob)).toContain('or is decided');
    await nothingComesOf(plan, 1);
    expect((await world.store.plans.read(plan.planId)).closed).toMatchObject({ as: 'denied', says: 'a release is under way' });
  });

  it('a denial without a reason', async () => {
    const plan = await newPlan();
    await submit(eve, await world.open(eve, plan.card, 'Deny …'), '  ');
    expect(world.told(eve)).toContain('A denial needs a reason');
    await nothingComesOf(plan);
  });
});

describe('two approvers at once', () => {
  it('lead to one change', async () => {
    const { app, planId, card } = await newPlan();
    const [one, other] = [await world.open(bob, card), await world.open(eve, card)];
    await Promise.all([submit(bob, one), submit(eve, other)]);
    expect(await decisionsOf(planId)).toBeGreaterThanOrEqual(1);
    await gateway.settle();
    const tasks = world.queue.take().filter(isForExecutor);
    await Promise.all([...tasks, ...tasks].map((task) => world.executor().perform(task)));
    await perform(world);
    expect(writesOf(app)).toBe(1);
  });
});

describe('with a stolen secret', () => {
  /** Sends what Slack would, signed as Slack would. */
  async function forger() {
    const listener = createListener({ name: 'public', log: SILENT });
    const overHttp = await world.connect((route) => listener.route(route));
    const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
    stops.push(
      () => overHttp.stop(),
      () => listener.stop(),
    );
    return async (user: string, privateMetadata: string, window: string) => {
      const view = {
        id: 'V0',
        hash: 'V0.1',
        type: 'modal',
        callback_id: IDS.planReview,
        external_id: window,
        private_metadata: privateMetadata,
        state: { values: {} },
        blocks: [],
      };
      const about = { team: { id: 'T0DEMO' }, user: { id: user, team_id: 'T0DEMO' }, api_app_id: 'A0', token: 'x' };
      const payload = { type: 'view_submission', ...about, trigger_id: 't', view, response_urls: [] };
      const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
      const timestamp = String(Math.floor(Date.now() / 1000));
      const signature = `v0=${createHmac('sha256', SIGNING_SECRET).update(`v0:${timestamp}:${body}`).digest('hex')}`;
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-signature': signature,
        'x-slack-request-timestamp': timestamp,
      };
      const { status } = await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', headers, body });
      expect(status).toBe(200);
    };
  }

  it('of signing, nobody decides: every window needs the ticket that the gateway signed when it opened that window for that person', async () => {
    const plan = await newPlan();
    const forge = await forger();
    const view = await world.open(mallory, plan.card);
    const shown = JSON.parse(JSON.stringify(world.slack.workspace.views[view]?.view)) as { private_metadata: string; external_id: string };
    const ticket = JSON.parse(shown.private_metadata) as { content: object; signature: string };
    const forgeries: Readonly<Record<string, string>> = {
      nothing: '',
      nonsense: '{',
      'their own ticket': shown.private_metadata,
      'their own ticket for another person': JSON.stringify({ ...ticket, content: { ...ticket.content, user: bob } }),
      'their own ticket made an approval': JSON.stringify({ ...ticket, content: { ...ticket.content, user: bob, opens: 'approve' } }),
      'a ticket that lives longer': JSON.stringify({ ...ticket, content: { ...ticket.content, user: bob, until: '2030-01-01T00:00:00Z' } }),
      'a signature of nothing': JSON.stringify({ ...ticket, signature: '' }),
    };
    for (const [what, metadata] of Object.entries(forgeries)) {
      await forge(bob, metadata, shown.external_id);
      expect([what, world.told(bob)]).toEqual([what, expect.stringContaining('is none of mine')]);
    }
    await nothingComesOf(plan);
  });

  it('of signing, the ticket of one window does not do for another', async () => {
    const plan = await newPlan();
    const forge = await forger();
    const view = await world.open(bob, plan.card);
    const { private_metadata } = JSON.parse(JSON.stringify(world.slack.workspace.views[view]?.view)) as { private_metadata: string };
    await forge(bob, private_metadata, 'another-window');
    expect(world.told(bob)).toContain('is none of mine');
    await nothingComesOf(plan);
  });

  it('of the bot, a window that somebody else opens in its name decides nothing', async () => {
    const plan = await newPlan();
    const client = (method: string, body: object) =>
      fetch(`${world.slack.apiUrl}${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${world.slack.botToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).then((answer) => answer.json() as Promise<{ ok: boolean }>);
    const view = await world.open(bob, plan.card);
    const genuine = JSON.parse(JSON.stringify(world.slack.workspace.views[view]?.view)) as object;
    // What it shows can be rewritten by whoever knows its id, and what it carries too: then the ticket is of another window, or of no one.
    const { id } = world.slack.workspace.views[view] ?? {};
    const { type, callback_id, title, blocks, submit: send, close } = genuine as Record<string, unknown>;
    const mine = { type, callback_id, title, blocks, submit: send, close, private_metadata: '{"content":{},"signature":"x"}' };
    expect(await client('views.update', { view_id: id, view: { ...mine, external_id: 'mine' } })).toMatchObject({ ok: true });
    await submit(bob, view);
    expect(world.told(bob)).toContain('is none of mine');
    await nothingComesOf(plan);
  });

  it('of the app, whoever listens in its name takes deliveries away, and decides nothing', async () => {
    const plan = await newPlan();
    // A second connection of the app, as a thief would open one.
    const answer = await fetch(`${world.slack.apiUrl}apps.connections.open`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.slack.appToken}` },
    });
    const { url } = (await answer.json()) as { url: string };
    const socket = new WebSocket(url);
    const opened = Promise.withResolvers<void>();
    socket.onopen = () => opened.resolve();
    await opened.promise;
    // What it sends over its own connection, as if it were Slack, reaches nobody.
    socket.send(JSON.stringify({ type: 'interactive', envelope_id: 'x', payload: { type: 'view_submission', user: { id: bob } } }));
    socket.close();
    await nothingComesOf(plan);
  });
});

describe('members of a group', () => {
  let grouped: SlackWorld;
  let their: Gateway & { stop(): Promise<void> };
  beforeAll(async () => {
    grouped = await slackWorld(BY_GROUP);
    their = await grouped.connect();
  });
  afterAll(async () => {
    await their.stop();
    await grouped.stop();
  });
  const setGroup = (...users: readonly string[]) => grouped.slack.workspace.groups.set(GROUP, users);
  const plan = async () => {
    const app = `group-${++count}`;
    setGroup(bob, eve);
    return { app, planId: await proposed(grouped, { app, remedy: 'roll-back', gateway: their }) };
  };
  const says = (planId: string, by: string) => decide(grouped, { planId, by, gateway: their });
  const writes = (app: string) => grouped.done().filter(({ request }) => request.endsWith(`/${app}`)).length;
  const settle = async () => {
    await their.settle();
    await perform(grouped);
  };

  it('decide where they were in it from the proposal on', async () => {
    const { app, planId } = await plan();
    expect(await says(planId, bob)).toMatchObject({ status: 'noted' });
    expect(await says(planId, eve)).toMatchObject({ status: 'noted' });
    await settle();
    expect(writes(app)).toBe(1);
  });

  it('decide nothing where they joined after the proposal', async () => {
    const { app, planId } = await plan();
    setGroup(bob, eve, fay);
    expect(await says(planId, fay)).toMatchObject({ status: 'refused', says: expect.stringContaining('joined the group') });
    await settle();
    expect(writes(app)).toBe(0);
  });

  it('decide nothing where they were taken out of it before they decided', async () => {
    const { app, planId } = await plan();
    setGroup(eve);
    expect(await says(planId, bob)).toMatchObject({ status: 'refused', says: expect.stringContaining('not in the group') });
    await settle();
    expect(writes(app)).toBe(0);
  });

  it('have decided nothing where they are taken out of it before the grant', async () => {
    const { app, planId } = await plan();
    expect(await says(planId, bob)).toMatchObject({ status: 'noted' });
    setGroup(eve);
    expect(await says(planId, eve)).toMatchObject({ status: 'noted' });
    await settle();
    expect(writes(app)).toBe(0);
    expect((await grouped.store.plans.read(planId)).grant).toBeUndefined();
  });

  it('have decided nothing where they became guests before the grant', async () => {
    const { app, planId } = await plan();
    expect(await says(planId, bob)).toMatchObject({ status: 'noted' });
    grouped.slack.workspace.people.set(bob, { guest: true });
    expect(await says(planId, eve)).toMatchObject({ status: 'noted' });
    await settle();
    grouped.slack.workspace.people.delete(bob);
    expect(writes(app)).toBe(0);
  });
});
