import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { AlertSource } from '../../src/alerts/source.ts';
import { CodedError } from '../../src/errors.ts';
import { createListener } from '../../src/http/listener.ts';
import type { TakeAlerts } from '../../src/intake/alerts/take.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { UNCOUNTED } from '../../src/telemetry/metrics.ts';
import { createWebhook } from '../../src/webhooks/webhook.ts';
import { PATIENCE_MS } from '../support/eventually.ts';

const SECRET = 'canary-0123456789abcdef';
const BEARER = { authorization: `Bearer ${SECRET}` };
const SOURCES = [
  { name: 'am', sender: 'alertmanager', authentication: { scheme: 'bearer', secret: 'TOKEN' }, cluster: 'prod' },
  { name: 'pd', sender: 'pagerduty', authentication: { scheme: 'pagerduty', secret: 'TOKEN' }, cluster: 'prod' },
  { name: 'slow', sender: 'alertmanager', authentication: { scheme: 'bearer', secret: 'TOKEN' }, cluster: 'prod', perMinute: 2 },
].map((source) => AlertSource.parse(source));
const COUNTS = { taken: 1, dropped: 0, outside: 0 };
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function open(take: TakeAlerts = async () => COUNTS) {
  const logged: string[] = [];
  const log = { ...SILENT, warn: (message: string, fields: object = {}) => void logged.push(`${message} ${JSON.stringify(fields)}`) };
  const outcomes: string[] = [];
  const metrics = {
    ...UNCOUNTED,
    count: (_: string, labels: Readonly<Record<string, string>>) => void outcomes.push(labels['outcome'] ?? ''),
  };
  const environment = { TOKEN: SECRET };
  const listener = createListener({ name: 'public', log });
  listener.route(createWebhook({ sources: SOURCES, environment, take, log, metrics, now: () => new Date('2026-03-01T10:10:00Z') }));
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  stops.push(() => listener.stop());
  const post = (source: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = BEARER) =>
    fetch(`http://127.0.0.1:${port}/webhooks/${source}`, { method: 'POST', headers, body });
  return { post, logged, outcomes, port };
}

const alert = {
  status: 'firing',
  labels: { alertname: 'KubePodNotReady', namespace: 'shop', pod: 'web-0' },
  startsAt: '2026-03-01T10:00:00Z',
};
const group = (alerts: readonly unknown[] = [alert]) => JSON.stringify({ version: '4', groupKey: 'g', status: 'firing', alerts });

describe('a webhook', () => {
  it('takes the alerts of a source that proves who it is, and says what became of them', async () => {
    const taken: unknown[] = [];
    const { post, outcomes, port } = await open(async (reading) => {
      taken.push(...reading.alerts);
      return COUNTS;
    });
    const answer = await post('am', group());
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ ...COUNTS, leftOut: 0, problems: [] });
    expect(taken).toMatchObject([{ source: 'am', name: 'KubePodNotReady', location: { namespace: 'shop', pod: 'web-0' } }]);
    expect(outcomes).toEqual(['taken']);
    const put = await fetch(`http://127.0.0.1:${port}/webhooks/am`, { method: 'PUT', headers: BEARER, body: group() });
    expect(put.status).toBe(202);
    expect((await fetch(`http://127.0.0.1:${port}/webhooks/am`, { headers: BEARER })).status).toBe(404);
  });

  it('refuses an unknown source as it does a wrong secret, and logs no secret', async () => {
    const { post, logged } = await open();
    const answers = [
      await post('am', group(), { authorization: 'Bearer canary-of-somebody-else' }),
      await post('am', group(), {}),
      await post('nobody', group()),
      await post('pd', '{}', { 'x-pagerduty-signature': 'v1=00' }),
    ];
    for (const answer of answers) expect([answer.status, await answer.text()]).toEqual([401, '']);
    expect(logged.join('\n')).not.toContain('canary');
    expect(logged).toHaveLength(4);
  });

  it('takes what is signed over the body, and refuses it where a byte differs', async () => {
    const { post } = await open();
    const body = JSON.stringify({ event: { id: '1', event_type: 'pagey.ping', resource_type: 'pagey', data: { message: 'hi' } } });
    const signature = `v1=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
    expect((await post('pd', body, { 'x-pagerduty-signature': signature })).status).toBeLessThan(500);
    expect((await post('pd', `${body} `, { 'x-pagerduty-signature': signature })).status).toBe(401);
  });

  it('says 413 to what is too large, without reading it where nobody is known yet', async () => {
    const { post, port } = await open();
    const large = new Uint8Array(10 * 1024 * 1024);
    const status = (answer: Promise<Response>) =>
      answer.then(
        (response) => response.status,
        () => 413, // cut off before the answer was read
      );
    expect(await status(post('am', large))).toBe(413);
    expect(await status(post('pd', new Uint8Array(2 * 1024 * 1024), { 'x-pagerduty-signature': 'v1=00' }))).toBe(413);
    expect(await status(post('am', large, {}))).not.toBe(202);
    const chunked = Promise.withResolvers<number | undefined>();
    const sent = request({ port, method: 'POST', path: '/webhooks/pd', headers: { 'transfer-encoding': 'chunked' } }, (answer) =>
      chunked.resolve(answer.statusCode),
    );
    sent.on('error', () => undefined);
    sent.write('x');
    expect(await chunked.promise).toBe(411);
    sent.destroy();
  });

  it('says 400 to what it cannot read, and quotes nothing of it', async () => {
    const { post } = await open();
    for (const body of ['', '{"alerts":[{"labels"', '[]', 'null', '{"alerts":"canary"}']) {
      const answer = await post('am', body);
      expect(answer.status).toBe(400);
      expect(await answer.text()).not.toContain('canary');
    }
  });

  it('takes the good part of a body whose other parts are broken', async () => {
    let alerts = 0;
    const { post } = await open(async (reading) => {
      alerts = reading.alerts.length;
      return COUNTS;
    });
    const answer = await post('am', group([7, alert, { labels: { alertname: 3 } }]));
    expect(answer.status).toBe(202);
    expect(alerts).toBeGreaterThanOrEqual(1);
    expect(JSON.stringify(await answer.json())).toContain('alerts[0]');
  });

  it('asks to send again, and never with 429, where too much comes or the store is away', async () => {
    const away = await open(() => Promise.reject(new CodedError('store/unavailable', 'Redis is away.', { retryable: true })));
    const answer = await away.post('am', group());
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '15']);
    const { post } = await open();
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await post('slow', group())).status);
    expect(statuses).toEqual([202, 202, 503, 503]);
    expect((await post('am', group())).status).toBe(202);
  });

  it('never fails at a body, whatever is in it', { timeout: PATIENCE_MS }, async () => {
    const { post } = await open();
    const bodies = fc.oneof(
      fc.json(),
      fc.string(),
      fc.jsonValue().map((value) => JSON.stringify({ alerts: [value] })),
      fc
        .dictionary(fc.constantFrom('labels', 'annotations', 'status', 'startsAt', '__proto__'), fc.jsonValue())
        .map((value) => group([value])),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        expect([202, 400]).toContain((await post('am', body)).status);
      }),
      { numRuns: 300 },
    );
  });
});
