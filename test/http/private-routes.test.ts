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
  for (const route of privateRoutes({ parts: {}, isServing: () => true, figures, ...given })) listener.route(route);
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  stops.push(() => listener.stop());
  return (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
}

const part = (health: Health) => ({ check: async () => health });

describe('the private listener', () => {
  it('says that the process lives, whatever is wrong outside', async () => {
    const get = await open({ parts: { store: part({ status: 'ill', says: 'Redis is away.' }) } });
    expect((await get('/healthz')).status).toBe(200);
  });

  it('is ready while the process serves and the parts that it cannot do without are well', async () => {
    let health: Health = { status: 'well', says: 'fine' };
    let serving = false;
    const get = await open({ parts: { store: { check: async () => health } }, isServing: () => serving });
    expect((await get('/readyz')).status).toBe(503);
    serving = true;
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ready', parts: { store: { status: 'well', says: 'fine' } } });
    health = { status: 'ill', says: 'Redis is away.' };
    const answer = await get('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ status: 'ill', parts: { store: { status: 'ill', says: 'Redis is away.' } } });
  });

  it('waits for no part that says nothing', async () => {
    const get = await open({ parts: { store: { check: () => new Promise<Health>(() => undefined) } } });
    const answer = await get('/readyz');
    expect(answer.status).toBe(503);
    expect(JSON.stringify(await answer.json())).toContain('did not say how it is');
  });

  it('gives figures in their own media type, and nothing else', async () => {
    const get = await open();
    const answer = await get('/metrics');
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toBe('x 1\n');
    expect((await get('/slack/events')).status).toBe(404);
  });
});
