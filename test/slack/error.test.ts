import { LogLevel, WebClient } from '@slack/web-api';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.ts';
import { chatError } from '../../src/slack/error.ts';
import { PATIENCE_MS } from '../support/eventually.ts';

const TOKEN = 'xoxb-canary';
const client = new WebClient(TOKEN, {
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  logLevel: LogLevel.ERROR,
  timeout: PATIENCE_MS,
});
const slack = () => nock('https://slack.com').post('/api/chat.postMessage');

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

/** What the client throws for the answer that is prepared, as people are told. */
async function told(): Promise<CodedError> {
  const thrown: unknown = await client.chat.postMessage({ channel: 'C1', text: 'hello' }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return chatError(thrown);
}

describe('what Slack refuses', () => {
  it.each([
    ['invalid_auth', 'chat/bad-token', 'SLACK_BOT_TOKEN'],
    ['not_authed', 'chat/bad-token', 'SLACK_BOT_TOKEN'],
    ['account_inactive', 'chat/bad-token', 'SLACK_BOT_TOKEN'],
    ['token_revoked', 'chat/bad-token', 'SLACK_BOT_TOKEN'],
    ['token_expired', 'chat/bad-token', 'SLACK_BOT_TOKEN'],
    ['channel_not_found', 'chat/channel-gone', 'no such channel'],
    ['is_archived', 'chat/channel-gone', 'archived'],
    ['not_in_channel', 'chat/not-in-channel', '/invite @imagepull'],
    ['message_not_found', 'chat/message-gone', 'The message is gone'],
    ['cant_update_message', 'chat/message-gone', 'The message is gone'],
    ['edit_window_closed', 'chat/message-gone', 'The message is gone'],
    ['msg_too_long', 'chat/refused', 'msg_too_long'],
  ])('lasts until a person does something: %s', async (word, code, says) => {
    slack().reply(200, { ok: false, error: word });
    const error = await told();
    expect(error).toMatchObject({ code, retryable: false });
    expect(error.message).toContain(says);
    expect(error.message).toContain(word);
  });

  it.each([
    ['ratelimited', 'chat/busy'],
    ['rate_limited', 'chat/busy'],
    ['message_limit_exceeded', 'chat/busy'],
    ['service_unavailable', 'chat/unavailable'],
    ['internal_error', 'chat/unavailable'],
    ['fatal_error', 'chat/unavailable'],
    ['request_timeout', 'chat/unavailable'],
  ])('may pass: %s', async (word, code) => {
    slack().reply(200, { ok: false, error: word });
    expect(await told()).toMatchObject({ code, retryable: true });
  });

  it('names the scope that is missing, and where it comes from', async () => {
    slack().reply(200, { ok: false, error: 'missing_scope', needed: 'chat:write', provided: 'commands' });
    const error = await told();
    expect(error).toMatchObject({ code: 'chat/missing-scope', retryable: false });
    expect(error.message).toMatch(/chat:write.*imagepull slack manifest/);
  });

  it('tells what is wrong with a message, cut short', async () => {
    const messages = [`[ERROR] ${'no more than 50 items allowed '.repeat(100)}`];
    slack().reply(200, { ok: false, error: 'invalid_blocks', response_metadata: { messages } });
    const error = await told();
    expect(error.message).toContain('invalid_blocks ([ERROR] no more than 50 items');
    expect(error.message.length).toBeLessThan(600);
  });

  it('waits as long as Slack says', async () => {
    slack().reply(429, { ok: false, error: 'ratelimited' }, { 'retry-after': '17' });
    expect(await told()).toMatchObject({ code: 'chat/busy', retryable: true, retryAfterMs: 17_000 });
  });

  it.each([
    ['an error of the server', () => slack().reply(503, 'upstream connect error'), 'HTTP 503'],
    ['a page instead of an answer', () => slack().reply(502, '<html>Bad gateway</html>'), 'HTTP 502'],
    ['a connection that breaks', () => slack().replyWithError('socket hang up'), 'no answer'],
  ])('tries again after %s', async (_, prepare, says) => {
    prepare();
    const error = await told();
    expect(error).toMatchObject({ code: 'chat/unavailable', retryable: true });
    expect(error.message).toContain(says);
  });

  it('keeps neither the request nor its token', async () => {
    slack().replyWithError(`failed with ${TOKEN}`);
    const error = await told();
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('canary');
    expect(error).toBeInstanceOf(CodedError);
    expect(error.cause).toBeUndefined();
  });

  it.each([[undefined], [null], ['text'], [42], [{}]])('is unavailable where it is no error of Slack: %j', (thrown) => {
    expect(chatError(thrown)).toMatchObject({ code: 'chat/unavailable', retryable: true });
  });
});
