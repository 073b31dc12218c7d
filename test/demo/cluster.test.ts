import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterServer, resourceOf, startCluster } from '../../src/demo/cluster/cluster-server.ts';
import { describeApi } from '../support/api-contract.ts';

let server: ClusterServer;
let guarded: ClusterServer;
beforeAll(async () => {
  [server, guarded] = await Promise.all([startCluster(), startCluster({ token: 'known' })]);
});
afterAll(async () => {
  await Promise.all([server.stop(), guarded.stop()]);
});

describeApi('the stand-in of an API server', () => ({
  url: server.url,
  namespace: 'shop',
  strangerStatus: async () => (await fetch(`${guarded.url}/api/v1/pods`, { headers: { authorization: 'Bearer nobody' } })).status,
  compact: () => server.store.compact(),
}));

describe('the stand-in', () => {
  it('fails as often as it is asked to, and tells what it was asked', async () => {
    server.failNext(429);
    const refused = await fetch(`${server.url}/api/v1/nodes`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await fetch(`${server.url}/api/v1/nodes?limit=1`)).status).toBe(200);
    expect(server.requests.slice(-2)).toEqual(['GET /api/v1/nodes', 'GET /api/v1/nodes?limit=1']);
  });

  it('gives out no page of a version that is compacted', async () => {
    const nodes = resourceOf('nodes');
    for (const name of ['a', 'b', 'c']) server.store.create(nodes, undefined, { metadata: { name } });
    const read = async (query: string) =>
      (await fetch(`${server.url}/api/v1/nodes?${query}`)).json() as Promise<{ metadata: { continue?: string }; code?: number }>;
    const { metadata } = await read('limit=1');
    server.store.create(nodes, undefined, { metadata: { name: 'd' } });
    server.store.compact();
    expect(await read(`limit=1&continue=${metadata.continue}`)).toMatchObject({ reason: 'Expired', code: 410 });
  });

  it('cuts watches, as a restart does', async () => {
    const response = await fetch(`${server.url}/api/v1/events?watch=1`);
    const ended = (async () => {
      for await (const _ of response.body ?? []);
    })();
    server.cutWatches();
    await expect(ended).rejects.toThrow(/terminated/);
  });

  it('refuses a body that is none, or too large', async () => {
    const post = async (body: string) => (await fetch(`${server.url}/api/v1/namespaces/shop/secrets`, { method: 'POST', body })).status;
    expect(await post('{')).toBe(400);
    expect(await post('{"metadata":{}}')).toBe(400);
    expect(await post('x'.repeat(4 * 1024 * 1024))).toBe(413);
  });
});
