import { LogLevel, WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Posting } from '../../src/chat/chat.ts';
import type { Fault } from '../../src/demo/slack/faults.ts';
import { type SlackServer, type SlackServerOptions, startSlack } from '../../src/demo/slack/slack-server.ts';
import type { Message } from '../../src/incident/message.ts';
import { createSlackChat } from '../../src/slack/chat.ts';

const about: Posting = { incidentId: 'i', place: { channel: 'C1' } };
const message = (key = 'card'): Message => ({ key, inThread: key !== 'card', text: 'hello', pieces: [{ kind: 'text', text: ['hello'] }] });
let slack: SlackServer;

async function start(options: SlackServerOptions = {}): Promise<void> {
  slack = await startSlack({ burst: 100, ...options });
  slack.workspace.addChannel('C1', 'incidents', [slack.workspace.botUser]);
}
const chat = (token = slack.botToken) =>
  createSlackChat(
    new WebClient(token, {
      slackApiUrl: slack.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logLevel: LogLevel.ERROR,
    }),
  );

beforeEach(() => start());
afterEach(() => slack.stop());

describe('the chat in Slack', () => {
  it('says how it is: who Slack takes the bot for, or what is wrong', async () => {
    const { signal } = new AbortController();
    expect(await chat().check(signal)).toEqual({ status: 'well', says: 'Slack knows the bot as imagepull in Test.' });
    expect(await chat('xoxb-of-nobody').check(signal)).toMatchObject({
      status: 'ill',
      says: expect.stringContaining('does not accept the bot token'),
    });
  });

  it('finds nothing where it may not look', async () => {
    await slack.stop();
    await start({ scopes: ['chat:write'] });
    await chat().post(about, message());
    expect(await chat().find(about, 'card', new Date(0))).toBeUndefined();
  });

  it('posts, edits, and finds what somebody else has posted', async () => {
    const since = new Date();
    const root = await chat().post(about, message());
    await chat().update(about, root.ts, message());
    const reply = await chat().post({ ...about, root: root.ts }, message('details.r'));
    expect(await chat().find(about, 'card', since)).toEqual(root);
    expect(await chat().find({ ...about, root: root.ts }, 'details.r', since)).toEqual(reply);
    expect(await chat().find(about, 'other', since)).toBeUndefined();
    expect(await chat().find({ ...about, incidentId: 'j' }, 'card', since)).toBeUndefined();
    expect(slack.workspace.messages.map(({ threadTs }) => threadTs)).toEqual([undefined, root.ts]);
  });

  it('finds the newest card of an open incident by what it is about, and its replies by their kind', async () => {
    const since = new Date();
    const of = (incidentId: string, subject?: string) => ({ ...about, incidentId, ...(subject === undefined ? {} : { subject }) });
    await chat().post(of('older', 'a'), message());
    const newest = await chat().post(of('newer', 'a'), message());
    await chat().post(of('other', 'b'), message());
    expect(await chat().findForgotten(of('me', 'a'), 'card', since)).toEqual({ ts: newest.ts, incidentId: 'newer' });
    expect(await chat().findForgotten(of('me', 'c'), 'card', since)).toBeUndefined();

    const root = newest.ts;
    await chat().post({ ...of('newer'), root }, message('evidence.1'));
    const last = await chat().post({ ...of('newer'), root }, message('evidence.2'));
    await chat().post({ ...of('newer'), root }, message('commands.2'));
    expect(await chat().findForgotten({ ...of('me'), root }, 'evidence.9', since)).toEqual({ ts: last.ts, incidentId: 'newer' });
    expect(await chat().findForgotten({ ...of('newer'), root }, 'evidence.9', since)).toBeUndefined();
    expect(await chat().findForgotten({ ...of('me'), root, place: { channel: 'C1', thread: root } }, 'evidence.9', since)).toBeUndefined();

    // Once it is over, a card is nobody's.
    await chat().update(of('newer'), root, message());
    expect(await chat().findForgotten(of('me', 'a'), 'card', since)).toMatchObject({ incidentId: 'older' });
  });

  it('tells all of an incident in the thread it was asked for in', async () => {
    const alert = slack.workspace.post({ channel: 'C1', user: 'U1', text: 'alert' });
    const place = { channel: 'C1', thread: alert.ts };
    const root = await chat().post({ ...about, place }, message());
    await chat().post({ ...about, place, root: root.ts }, message('details.r'));
    expect(slack.workspace.messages.slice(1).map(({ threadTs }) => threadTs)).toEqual([alert.ts, alert.ts]);
    expect(await chat().find({ ...about, place }, 'card', new Date(0))).toEqual(root);
  });

  it.each([
    [
      { kind: 'rate-limited', retryAfterS: 7 },
      { code: 'chat/busy', retryable: true, retryAfterMs: 7000 },
    ],
    [{ kind: 'server-error' }, { code: 'chat/unavailable', retryable: true }],
    [{ kind: 'cut-before' }, { code: 'chat/unavailable', retryable: true }],
    [{ kind: 'cut-after' }, { code: 'chat/unavailable', retryable: true }],
  ] as const)('may try again after %j', async (fault: Fault, error) => {
    slack.faults.add(fault);
    await expect(chat().post(about, message())).rejects.toMatchObject(error);
  });

  it('says what a person has to do about the rest, and no token', async () => {
    const refusal = async (work: Promise<unknown>) =>
      work.then(
        () => 'nothing',
        (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
      );
    slack.workspace.addChannel('C2', 'private', []);
    expect(await refusal(chat().post({ ...about, place: { channel: 'C2' } }, message()))).toMatch(
      /^chat\/not-in-channel: .*\/invite @imagepull/,
    );
    expect(await refusal(chat().post({ ...about, place: { channel: 'C9' } }, message()))).toMatch(/^chat\/channel-gone/);
    expect(await refusal(chat().update(about, '1.000000', message()))).toMatch(/^chat\/message-gone/);
    const bad = await refusal(chat('xoxb-canary').post(about, message()));
    expect(bad).toMatch(/^chat\/bad-token: .*SLACK_BOT_TOKEN/);
    expect(bad).not.toContain('canary');
    const channel = slack.workspace.channels.get('C1');
    if (channel) channel.archived = true;
    expect(await refusal(chat().post(about, message()))).toBe('chat/channel-gone: The channel is archived. (is_archived)');
    await slack.stop();
    await start({ scopes: ['commands'] });
    expect(await refusal(chat().post(about, message()))).toMatch(/^chat\/missing-scope: .*chat:write.*imagepull slack manifest/);
  });
});

describe('a notice in Slack', () => {
  const to = { user: 'U1', place: { channel: 'C1' } };

  it('is seen by one person, in the thread they asked in', async () => {
    slack.workspace.channels.get('C1')?.members.add('U1');
    await chat().notify({ user: 'U1', place: { channel: 'C1', thread: '1.000000' } }, message('notice.a'));
    expect(slack.workspace.ephemerals).toMatchObject([{ user: 'U1', channel: 'C1', threadTs: '1.000000', text: 'hello' }]);
    expect(slack.workspace.messages).toEqual([]);
  });

  it.each([
    ['the person is not in the channel', 'C1'],
    ['the bot is not in the channel', 'C2'],
    ['nobody knows the channel', 'C9'],
  ])('goes to the person where %s', async (_, channel) => {
    slack.workspace.addChannel('C2', 'elsewhere', ['U1']);
    await chat().notify({ ...to, place: { channel } }, message('notice.a'));
    expect(slack.workspace.messages).toMatchObject([{ channel: 'U1', text: 'hello' }]);
  });

  it('says what to do where the bot may not write to people', async () => {
    slack.workspace.messagesTab = false;
    await expect(chat().notify(to, message('notice.a'))).rejects.toMatchObject({
      code: 'chat/no-conversation',
      message: expect.stringContaining('Messages Tab'),
    });
  });

  it('waits where Slack has had too many messages', async () => {
    slack.faults.add({ kind: 'rate-limited', retryAfterS: 7 });
    await expect(chat().notify(to, message('notice.a'))).rejects.toMatchObject({ code: 'chat/busy', retryAfterMs: 7000 });
  });
});

describe('the text of a notification', () => {
  it('mentions nobody, whatever an image is called', async () => {
    const nasty = { ...message(), text: '<!channel> <@U1> <https://evil.example|here> &' };
    await chat().post(about, nasty);
    expect(slack.workspace.messages[0]?.text).toBe('&lt;!channel&gt; &lt;@U1&gt; &lt;https://evil.example|here&gt; &amp;');
  });

  it('comes with markup in which Slack makes no links', async () => {
    await chat().post(about, message());
    expect(slack.workspace.messages[0]?.blocks).toEqual([{ type: 'section', text: { type: 'mrkdwn', text: 'hello', verbatim: true } }]);
  });
});
