import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type SlackServer, type SlackServerOptions, startSlack } from '../../src/demo/slack/slack-server.ts';
import { CodedError } from '../../src/errors.ts';
import type { HttpRoute } from '../../src/http/handler.ts';
import { createListener } from '../../src/http/listener.ts';
import type { Intake } from '../../src/intake/intake.ts';
import { openSlackGateway } from '../../src/slack/app.ts';
import { clickValue } from '../../src/slack/click-value.ts';
import type { SlackAccess } from '../../src/slack/connection/connection.ts';
import { createSlackNetwork } from '../../src/slack/connection/network.ts';
import { scopesFor } from '../../src/slack/manifest.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';

const SECRET = 'signing-canary';
const USE = { outlivesProcess: false, asksForGroups: false, asksForEmail: false, readsAlerts: false };
const SCOPES = scopesFor(USE).map(({ name }) => name);
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function workspace(options: SlackServerOptions = {}): Promise<SlackServer> {
  const slack = await startSlack({ limitMs: PATIENCE_MS, ...options });
  stops.push(slack.stop);
  slack.workspace.addChannel('C1', 'incidents', ['U1', slack.workspace.botUser]);
  return slack;
}

const unused = () => Promise.reject(new Error('not asked here'));
const intake = (given: Partial<Intake> = {}): Intake => ({
  clusters: ['prod'],
  diagnose: unused,
  rerun: unused,
  raw: unused,
  invite: unused,
  failingPods: unused,
  scan: unused,
  incidents: async () => ({ incidents: [], total: 0, complete: true }),
  seen: async () => undefined,
  once: async () => true,
  silence: unused,
  alertMessage: unused,
  disputable: unused,
  examine: unused,
  dispute: unused,
  takeCare: unused,
  endCare: unused,
  silenceable: unused,
  silenceIncident: unused,
  silences: unused,
  endSilence: unused,
  ...given,
});

async function open(slack: SlackServer, given: { intake?: Intake; access?: Partial<SlackAccess> } = {}) {
  const access = {
    mode: 'socket',
    botToken: slack.botToken,
    appToken: slack.appToken,
    apiUrl: slack.apiUrl,
    network: createSlackNetwork({}),
    use: USE,
    ...given.access,
  } as SlackAccess;
  const gateway = await openSlackGateway(access, given.intake ?? intake(), SILENT);
  stops.push(gateway.stop);
}

describe('the menu of a card', () => {
  it('opens a window to silence the workload or the cause, for a time, with a reason', async () => {
    const slack = await workspace();
    const asked: unknown[] = [];
    const silence = {
      id: 's',
      revision: 0,
      cluster: 'prod',
      namespace: 'shop',
      by: 'U1',
      from: '',
      until: '2026-03-01T12:00:00Z',
    } as const;
    await open(slack, {
      intake: intake({
        silenceable: async () => ({
          cluster: 'prod',
          namespace: 'shop',
          workload: 'web',
          cause: { title: 'x'.repeat(200), everywhere: true },
        }),
        async silenceIncident(wanted) {
          asked.push(wanted);
          return {
            status: 'silenced',
            silence: { ...silence, about: { kind: 'cause', keys: [], title: '<!channel> is away', everywhere: true } },
          };
        },
      }),
    });
    const value = clickValue({ action: 'silence', about: { kind: 'incident', id: 'i' } });
    const menu = { type: 'overflow', action_id: 'imagepull.menu.0', options: [{ text: { type: 'plain_text', text: 'Silence …' }, value }] };
    const blocks = [{ type: 'actions', block_id: 'b', elements: [menu] }];
    await slack.click({ user: 'U1', message: { channel: 'C1', blocks }, label: 'Silence …' });
    await eventually(() => expect(slack.workspace.views).toHaveLength(1));
    await slack.submit({
      user: 'U1',
      view: 0,
      values: { 'imagepull.silence.what': 'cause', 'imagepull.silence.time': '0.5', 'imagepull.silence.reason': 'registry is moved' },
    });
    await eventually(() => expect(JSON.stringify(slack.workspace.ephemerals)).toContain('*&lt;!channel&gt; is away* anywhere in prod'));
    const wanted = { incidentId: 'i', what: 'cause', forMs: 1_800_000, reason: 'registry is moved', person: { user: 'U1', channel: 'C1' } };
    expect(asked).toEqual([expect.objectContaining(wanted)]);
    // As it was opened: the workload, two hours.
    await slack.submit({ user: 'U1', view: 0, values: {} });
    await eventually(() => expect(asked[1]).toMatchObject({ what: 'workload', forMs: 7_200_000, reason: undefined }));
  });
});

it('a verdict is said to be wrong in a window: what it was, and how somebody knows', async () => {
  const slack = await workspace();
  const asked: unknown[] = [];
  await open(slack, {
    intake: intake({
      disputable: async () => ({
        title: '<!channel> has no tag',
        causes: Array.from({ length: 120 }, (_, n) => `cause-${n}`),
        isRecorded: true,
      }),
      async dispute({ onKept, ...wanted }) {
        onKept?.();
        asked.push(wanted);
        return { status: 'noted' };
      },
    }),
  });
  const value = clickValue({ action: 'dispute', about: { kind: 'incident', id: 'i' } });
  const menu = {
    type: 'overflow',
    action_id: 'imagepull.menu.0',
    options: [{ text: { type: 'plain_text', text: 'Wrong verdict …' }, value }],
  };
  const blocks = [{ type: 'actions', block_id: 'b', elements: [menu] }];
  await slack.click({ user: 'U1', message: { channel: 'C1', blocks }, label: 'Wrong verdict …' });
  await eventually(() => expect(slack.workspace.views).toHaveLength(1));
  expect(JSON.stringify(slack.workspace.views)).toMatch(/&lt;!channel&gt; has no tag.*is kept for 30 days, without secrets/);
  await slack.submit({ user: 'U1', view: 0, values: { 'imagepull.dispute.cause': 'cause-7', 'imagepull.dispute.words': 'dig says so' } });
  await eventually(() => expect(JSON.stringify(slack.workspace.ephemerals)).toContain('Thank you'));
  const wanted = { incidentId: 'i', said: 'cause-7', words: 'dig says so', person: { user: 'U1', channel: 'C1' } };
  expect(asked).toEqual([expect.objectContaining(wanted)]);
});

it('messages of other apps are taken; those of people, of its own, of other workspaces, edits and replies in threads are not', async () => {
  const slack = await workspace();
  const taken: unknown[] = [];
  await open(slack, {
    intake: intake({
      async alertMessage({ channel, ts, app, onKept }) {
        taken.push([channel, ts, app]);
        onKept?.();
      },
    }),
  });
  const post = (more: object = {}, envelope: object = {}) =>
    slack.appMessage({ app: 'A1', channel: 'C1', text: 'KubePodNotReady', more, envelope });
  const theirs = { team_id: 'T9', authorizations: [{ team_id: 'T0DEMO', user_id: 'U0BOT', is_bot: true }], is_ext_shared_channel: true };
  await post({ bot_id: undefined, bot_profile: undefined, subtype: undefined, user: 'U1' });
  await post({ bot_id: slack.workspace.botId });
  await post({ bot_profile: { app_id: 'A1', team_id: 'T9' } });
  await post({ bot_profile: undefined, app_id: 'A1', team: 'T9' });
  await post({ bot_profile: { app_id: 'A1', team_id: 'T9' }, team: 'T9' }, theirs);
  await post({ bot_profile: undefined, app_id: 'A1', team: undefined }, theirs);
  await post({ subtype: 'message_changed' });
  await post({ thread_ts: '1.0' });
  await post({ bot_profile: undefined });
  const { ts } = await post();
  const { ts: newer } = await post({ subtype: undefined, bot_profile: undefined, app_id: 'A1', user: 'U0A1' });
  const { ts: shared } = await post({}, theirs);
  await eventually(() =>
    expect(taken).toEqual([
      ['C1', ts, 'A1'],
      ['C1', newer, 'A1'],
      ['C1', shared, 'A1'],
    ]),
  );
});

describe('signed requests', () => {
  it('are taken when Slack signed them just now, and refused when forged or replayed', async () => {
    const slack = await workspace();
    const diagnose = vi.fn(async () => ({ status: 'begun', requestId: 'i', incidentId: 'i' }) as const);
    const listener = createListener({ name: 'public', log: SILENT });
    const addRoute = (route: HttpRoute) => listener.route(route);
    await open(slack, { intake: intake({ diagnose }), access: { mode: 'http', signingSecret: SECRET, addRoute } as Partial<SlackAccess> });
    const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
    const body = new URLSearchParams({
      command: '/imagepull',
      text: 'diagnose shop/web-0',
      user_id: 'U1',
      channel_id: 'C1',
      team_id: 'T0DEMO',
      trigger_id: 't',
      response_url: `${slack.apiUrl}x`,
    }).toString();
    const send = async (secret: string, ageS: number) => {
      const timestamp = String(Math.trunc(Date.now() / 1000) - ageS);
      const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signature,
      };
      return (await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', headers, body })).status;
    };
    expect(await send('forged', 0)).toBe(401);
    expect(await send(SECRET, 301)).toBe(401);
    expect(diagnose).not.toHaveBeenCalled();
    expect(await send(SECRET, 0)).toBe(200);
    expect(diagnose).toHaveBeenCalledTimes(1);
    await listener.stop();
  });
});

describe('the gateway', () => {
  it('acknowledges although nothing answers', async () => {
    const slack = await workspace();
    await open(slack, { intake: intake({ diagnose: () => new Promise(() => undefined) }) });
    await slack.command({ user: 'U1', channel: 'C1', text: 'diagnose shop/web-0' });
  });

  it.each(['command', 'mention', 'picker'] as const)('acknowledges a %s only once it cannot be lost', async (kind) => {
    const slack = await workspace();
    const kept = Promise.withResolvers<void>();
    let asked = false;
    const diagnose: Intake['diagnose'] = async ({ onKept }) => {
      asked = true;
      await kept.promise;
      onKept?.();
      return new Promise(() => undefined);
    };
    await open(slack, { intake: intake({ diagnose }) });
    let acked = false;
    const send = async () => {
      const text = 'diagnose shop/web-0';
      if (kind === 'command') return slack.command({ user: 'U1', channel: 'C1', text });
      if (kind === 'mention') return slack.mention({ user: 'U1', channel: 'C1', text: `<@${slack.workspace.botUser}> ${text}` });
      await slack.command({ user: 'U1', channel: 'C1', text: 'diagnose' });
      await eventually(() => expect(slack.workspace.views).toHaveLength(1));
      return slack.submit({ user: 'U1', view: 0, values: { 'imagepull.pick.pod': 'shop/web-0' } });
    };
    const sent = send().then(() => {
      acked = true;
    });
    await eventually(() => expect(asked).toBe(true));
    expect(acked).toBe(false);
    kept.resolve();
    await sent;
    expect(acked).toBe(true);
  });

  it('offers pods of any length of name, and gives the reason where there is none', async () => {
    const slack = await workspace();
    const long = { namespace: 'payments', pod: `reconciliation-${'x'.repeat(70)}-7d9f`, says: 'no such tag' };
    const diagnose = vi.fn<Intake['diagnose']>(async () => ({ status: 'begun', requestId: 'i', incidentId: 'i' }));
    let pods: Awaited<ReturnType<Intake['failingPods']>> = [long];
    await open(slack, { intake: intake({ diagnose, failingPods: async () => pods }) });
    await slack.command({ user: 'U1', channel: 'C1', text: 'diagnose' });
    await eventually(() => expect(slack.workspace.views).toHaveLength(1));
    const suggest = async () => {
      const { payload } = await slack.suggest({ user: 'U1', view: 0, actionId: 'imagepull.pick.pod', typed: '' });
      return (payload as { options: { text: { text: string }; value: string }[] }).options;
    };
    const [option] = await suggest();
    expect(option?.text.text).toMatch(/^….*-7d9f$/);
    await slack.submit({ user: 'U1', view: 0, values: { 'imagepull.pick.pod': option?.value ?? '' } });
    await eventually(() => expect(diagnose).toHaveBeenCalledWith(expect.objectContaining({ namespace: 'payments', pod: long.pod })));

    pods = { status: 'refused', code: 'intake/no-worker', says: 'No worker of cluster prod has answered.' } as never;
    const [none] = await suggest();
    expect(none?.text.text).toBe('No worker of cluster prod has answered.');
    const { payload } = await slack.submit({ user: 'U1', view: 0, values: { 'imagepull.pick.pod': none?.value ?? '' } });
    expect(payload).toMatchObject({ response_action: 'errors' });
    expect(diagnose).toHaveBeenCalledTimes(1);
  });

  it('asks Slack once who it is, not before each delivery', async () => {
    const slack = await workspace();
    await open(slack);
    await slack.command({ user: 'U1', channel: 'C1', text: 'help' });
    await slack.command({ user: 'U1', channel: 'C1', text: 'help' });
    await eventually(() => expect(slack.responses).toHaveLength(2));
    expect(slack.requests.map(({ method }) => method)).toEqual(['auth.test', 'apps.connections.open']);
  });

  it('says that a diagnosis is gone, not that its store is', async () => {
    const slack = await workspace();
    await open(slack, { intake: intake({ diagnose: () => Promise.reject(new CodedError('store/not-found', 'There is no run x.')) }) });
    await slack.command({ user: 'U1', channel: 'C1', text: 'diagnose shop/web-0' });
    await eventually(() => expect(JSON.stringify(slack.responses)).toContain('That is gone: I keep diagnoses and plans for 30 days'));
  });

  it('says that it cannot reach its store, in a sentence', async () => {
    const slack = await workspace();
    const down = () => Promise.reject(new CodedError('store/unavailable', 'redis://canary'));
    await open(slack, { intake: intake({ diagnose: down }) });
    await slack.command({ user: 'U1', channel: 'C1', text: 'diagnose shop/web-0' });
    await eventually(() => expect(JSON.stringify(slack.responses)).toContain('I cannot reach my store'));
    expect(JSON.stringify(slack.responses)).not.toContain('canary');
  });

  it('reads no channel where nothing outlives the process, and is not asked to be allowed to', async () => {
    const slack = await workspace({ scopes: SCOPES });
    await open(slack);
    expect(slack.connected()).toBe(1);
  });

  it.each([
    [{ botToken: 'xoxb-wrong' }, {}, 'SLACK_BOT_TOKEN'],
    [{ appToken: 'xapp-wrong' }, {}, 'SLACK_APP_TOKEN'],
    [{}, { scopes: SCOPES.filter((scope) => scope !== 'chat:write') }, 'lacks the scopes chat:write (cards'],
    [{ use: { ...USE, outlivesProcess: true } }, { scopes: SCOPES }, '(Redis keeps what was said)'],
    [
      { use: { ...USE, asksForGroups: true, asksForEmail: false } },
      { scopes: SCOPES },
      'lacks the scopes usergroups:read (who is in the user groups',
    ],
  ] as const)('does not start with %j and %j', async (access, options, says) => {
    const slack = await workspace(options);
    await expect(open(slack, { access: access as Partial<SlackAccess> })).rejects.toMatchObject({
      code: 'config/slack',
      message: expect.stringContaining(says),
    });
  });
});
