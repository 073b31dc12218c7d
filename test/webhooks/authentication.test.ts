import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AlertSource } from '../../src/alerts/source.ts';
import { createAuthenticator } from '../../src/webhooks/authentication.ts';

const NOW = new Date('2026-11-27T08:00:00Z');
const SECONDS = String(NOW.getTime() / 1000);
const BODY = Buffer.from('{"alerts":[]}');
const NEW = 'new-secret-of-the-tests';
const OLD = 'old-secret-of-the-tests';

function authenticator(authentication: object, environment: Record<string, string | undefined> = { NEW, OLD }) {
  const source = AlertSource.parse({ name: 'prom', sender: 'generic', cluster: 'prod', authentication });
  return createAuthenticator(source.authentication, { source: source.name, environment });
}

/** Whether a request with these headers is accepted. */
function accepts(authentication: object, headers: Record<string, string | string[] | undefined>, body: Buffer = BODY): boolean {
  return authenticator(authentication)({ headers, body }, NOW).status === 'accepted';
}

const hmac = (secret: string, body: string | Buffer) => createHmac('sha256', secret).update(body).digest('hex');
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('bearer and basic', () => {
  it.each([
    [`Bearer ${NEW}`, true],
    [`bearer ${OLD}`, true],
    [`Bearer  ${NEW} `, true],
    [`Bearer ${NEW}x`, false],
    [`Bearer ${NEW.slice(0, -1)}`, false],
    ['Bearer ', false],
    ['Bearer', false],
    [NEW, false],
    [basic(`user:${NEW}`), false],
    ['', false],
    [undefined, false],
  ])('bearer: %j is accepted: %s', (authorization, expected) => {
    expect(accepts({ scheme: 'bearer', secret: ['NEW', 'OLD'] }, { authorization })).toBe(expected);
  });

  it.each([
    [basic(`alerts:${NEW}`), true],
    [basic(`alerts:${OLD}`), false],
    [basic(`other:${NEW}`), false],
    [basic(NEW), false],
    [`Bearer ${NEW}`, false],
    ['Basic %%%', false],
  ])('basic: %j is accepted: %s', (authorization, expected) => {
    expect(accepts({ scheme: 'basic', user: 'alerts', secret: 'NEW' }, { authorization })).toBe(expected);
  });

  it('says in the log what is wrong, and repeats nothing that was sent', () => {
    const answer = authenticator({ scheme: 'bearer', secret: 'NEW' })({ headers: { authorization: 'Bearer hunter2' }, body: BODY }, NOW);
    expect(answer).toEqual({ status: 'refused', because: 'the credentials are wrong' });
  });
});

describe("PagerDuty's signature", () => {
  const scheme = { scheme: 'pagerduty', secret: 'NEW' };
  const good = hmac(NEW, BODY);
  it.each([
    [`v1=${good}`, true],
    [`v1=${hmac(OLD, BODY)},v1=${good}`, true],
    [`v1=${good}, v2=whatever`, true],
    [`v1=${hmac(OLD, BODY)}`, false],
    [`v0=${good}`, false],
    [good, false],
    [`v1=${good.slice(0, 40)}`, false],
    ['v1=', false],
    [`${'v1=x,'.repeat(10)}v1=${good}`, false],
    [undefined, false],
  ])('%j is accepted: %s', (signature, expected) => {
    expect(accepts(scheme, { 'x-pagerduty-signature': signature })).toBe(expected);
  });

  it('is over the very bytes of the body', () => {
    expect(accepts(scheme, { 'x-pagerduty-signature': `v1=${good}` }, Buffer.from('{"alerts": []}'))).toBe(false);
    const odd = Buffer.from([0xff, 0xfe, 0x00]);
    expect(accepts(scheme, { 'x-pagerduty-signature': `v1=${hmac(NEW, odd)}` }, odd)).toBe(true);
  });

  it('may come in several headers', () => {
    expect(accepts(scheme, { 'x-pagerduty-signature': ['v1=x', `v1=${good}`] })).toBe(true);
  });
});

describe("Grafana's signature", () => {
  const plain = { scheme: 'grafana', secret: ['NEW', 'OLD'] };
  const timed = { ...plain, header: 'X-Sig', timestampHeader: 'X-Time' };

  it('is over the body', () => {
    for (const secret of [NEW, OLD]) expect(accepts(plain, { 'x-grafana-alerting-signature': hmac(secret, BODY) })).toBe(true);
    expect(accepts(plain, { 'x-grafana-alerting-signature': hmac('another secret', BODY) })).toBe(false);
    expect(accepts(plain, {})).toBe(false);
  });

  it('is over time and body where a header for the time is named', () => {
    expect(accepts(timed, { 'x-sig': hmac(NEW, `${SECONDS}:${BODY}`), 'x-time': SECONDS })).toBe(true);
    expect(accepts(timed, { 'x-sig': hmac(NEW, BODY), 'x-time': SECONDS })).toBe(false);
    expect(accepts(timed, { 'x-sig': hmac(NEW, BODY) })).toBe(false);
  });

  it.each([
    [-300, true],
    [300, true],
    [-301, false],
    [301, false],
  ])('that is %i s from now is accepted: %s', (apart, expected) => {
    const time = String(Number(SECONDS) + apart);
    expect(accepts(timed, { 'x-sig': hmac(NEW, `${time}:${BODY}`), 'x-time': time })).toBe(expected);
  });

  it.each(['', 'now', '-1', '1e9', `${SECONDS}.5`])('with the time %j is refused', (time) => {
    expect(accepts(timed, { 'x-sig': hmac(NEW, `${time}:${BODY}`), 'x-time': time })).toBe(false);
  });
});

describe('a secret', () => {
  it.each([
    [{}, 'NEW is not set'],
    [{ NEW: '  ' }, 'NEW is not set'],
    [{ NEW: 'short' }, 'less than 16 characters'],
  ])('of the environment %j stops the start', (environment, why) => {
    expect(() => authenticator({ scheme: 'bearer', secret: 'NEW' }, environment)).toThrow(
      expect.objectContaining({ code: 'config/alerts', message: expect.stringContaining(why) }),
    );
  });
});
