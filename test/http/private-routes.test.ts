import { afterEach, describe, expect, it } from 'vitest';
import type { Health } from '../../src/health.ts';
import { createListener } from '../../src/http/listener.ts';
import { type PrivateParts, privateRoutes } from '../../src/http/private-routes.ts';
import { SILENT } from '../../src/telemetry/log.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function open(given: Partial<PrivateParts> = {}) {
  const listener = createListener({ name: 'private', log: SILENT });
  const figures = { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: async () => 'x 1\n' };
  const fine = { needed: {}, useful: () => ({}), isServing: () => true, mendedByRestart: async () => undefined };
  for (const route of privateRoutes({ ...fine, figures, ...given })) listener.route(route);
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  stops.push(() => listener.stop());
  return (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
}

const part = (health: Health) => ({ check: async () => health });

/** What was answered, and the status that the body tells. */
async function answerOf(asked: Promise<Response>) {
  const answer = await asked;
  return { code: answer.status, ...((await answer.json()) as object) };
}

describe('the private listener', () => {
  it('says that the process lives, whatever is wrong outside, unless a restart mends it', async () => {
    let stale: string | undefined;
    const get = await open({
      needed: { store: part({ status: 'ill', says: 'Redis is away.' }) },
      mendedByRestart: async () => stale,
    });
    expect(await answerOf(get('/healthz'))).toEqual({ code: 200, status: 'well' });
    stale = 'The password has changed.';
    expect(await answerOf(get('/healthz'))).toEqual({ code: 503, status: 'dead', says: 'The password has changed.' });
  });

  it('is ready while the process serves and the parts that it cannot do without are well', async () => {
    let health: Health = { status: 'well', says: 'fine' };
    let serving = false;
    const get = await open({ needed: { store: { check: async () => health } }, isServing: () => serving });
    expect(await answerOf(get('/readyz'))).toMatchObject({ code: 503, status: 'not serving' });
    serving = true;
    expect(await answerOf(get('/readyz'))).toEqual({ code: 200, status: 'ready', parts: { store: { status: 'well', says: 'fine' } } });
    health = { status: 'ill', says: 'Redis is away.' };
    expect(await answerOf(get('/readyz'))).toEqual({ code: 503, status: 'ill', parts: { store: health } });
  });

  it('is ready and degraded while a part is ill that it can do without, and says which and since when it knows', async () => {
    const get = await open({
      needed: { store: part({ status: 'well', says: 'fine' }) },
      useful: () => ({ slack: part({ status: 'ill', says: 'Slack is away.' }), 'cluster prod': part({ status: 'well', says: 'fine' }) }),
    });
    expect(await answerOf(get('/readyz'))).toEqual({
      code: 200,
      status: 'degraded',
      parts: {
        store: { status: 'well', says: 'fine' },
        slack: { status: 'ill', says: 'Slack is away.', asked: expect.stringMatching(/^20/) },
        'cluster prod': { status: 'well', says: 'fine', asked: expect.stringMatching(/^20/) },
      },
    });
  });

  it('waits for no part that says nothing: one that it needs is ill then, another one is not told of', async () => {
    const silent = { check: () => new Promise<Health>(() => undefined) };
    const needing = await open({ needed: { store: silent } });
    const answer = await answerOf(needing('/readyz'));
    expect(answer).toMatchObject({ code: 503, status: 'ill' });
    expect(JSON.stringify(answer)).toContain('did not say how it is');
    const other = await open({ useful: () => ({ slack: silent }) });
    expect(await answerOf(other('/readyz'))).toEqual({ code: 200, status: 'ready', parts: {} });
  });

  it('gives figures in their own media type, and nothing else', async () => {
    const get = await open();
    const answer = await get('/metrics');
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toBe('x 1\n');
    expect((await get('/slack/events')).status).toBe(404);
  });
});
