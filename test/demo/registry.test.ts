import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RegistryServer, startRegistry } from '../../src/demo/registry/registry-server.ts';
import { describeRegistryPulls } from '../contract/registry-pulls.ts';

const TAGS = ['2.0', '1.0', '1.1'];
const LOGIN = { username: 'robot', password: 'canary-password' };
let registry: RegistryServer;
beforeAll(async () => {
  registry = await startRegistry();
  for (const tag of TAGS) registry.repositories.push('shop/web', tag);
});
afterAll(() => registry.stop());

const ask = (path: string, headers: Record<string, string> = {}) => fetch(`http://${registry.host}${path}`, { headers });
const basic = ({ username, password }: typeof LOGIN) => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

describe('the stand-in for a registry', () => {
  describeRegistryPulls(() => registry);

  it('lists tags in pages, in order', async () => {
    const first = await ask('/v2/shop/web/tags/list?n=2');
    expect(await first.json()).toEqual({ name: 'shop/web', tags: ['1.0', '1.1'] });
    const [, next = ''] = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? [];
    const second = await ask(next);
    expect([await second.json(), second.headers.get('link')]).toEqual([{ name: 'shop/web', tags: ['2.0'] }, null]);
  });

  it('wants a token for a private repository, which only its login gets', async () => {
    registry.repositories.push('team/app', '1.0');
    registry.repositories.lock('team/app', LOGIN);
    const path = '/v2/team/app/manifests/1.0';
    const scope = 'repository:team/app:pull';
    const refused = await ask(path);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer realm="http://${registry.host}/token",service="demo-registry",scope="${scope}"`,
    );
    const token = async (of: string, headers = {}) =>
      ((await (await ask(`/token?scope=${of}`, headers)).json()) as { token?: string }).token;
    const pull = async (given: string | undefined) => {
      const { status, headers } = await ask(path, { authorization: `Bearer ${given}` });
      return `${status} ${/error="(.*)"/.exec(headers.get('www-authenticate') ?? '')?.[1] ?? ''}`;
    };
    const authorization = basic(LOGIN);
    expect(await pull(await token(scope))).toBe('401 insufficient_scope');
    expect(await pull(await token('repository:shop/web:pull', { authorization }))).toBe('401 insufficient_scope');
    expect(await pull(await token(scope, { authorization }))).toBe('200 ');
    expect((await ask(`/token?scope=${scope}`, { authorization: basic({ ...LOGIN, password: 'wrong' }) })).status).toBe(401);
    expect(JSON.stringify(registry.requests)).not.toContain('canary');
  });

  it('meets trouble, and is well again', async () => {
    await registry.meet({ status: 429, retryAfterS: 7 });
    const busy = await ask('/v2/');
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '7']);
    await registry.meet({ status: 503 });
    expect((await ask('/v2/shop/web/manifests/1.0')).status).toBe(503);
    await registry.meet(undefined);
    expect((await ask('/v2/shop/web/manifests/1.0')).status).toBe(200);
  });

  it('limits whoever has no account, and nobody who has one', async () => {
    const account = { username: 'hub', password: 'canary-account' };
    registry.repositories.enrol(account);
    await registry.meet({ status: 429, retryAfterS: 600, anonymousOnly: true });
    const path = '/v2/shop/web/manifests/1.0';
    expect((await ask(path)).status).toBe(401);
    const pull = async (headers = {}) => {
      const { token } = (await (await ask('/token?scope=repository:shop/web:pull', headers)).json()) as { token: string };
      const { status, headers: said } = await ask(path, { authorization: `Bearer ${token}` });
      return [status, said.get('retry-after')];
    };
    expect(await pull()).toEqual([429, '600']);
    expect(await pull({ authorization: basic(account) })).toEqual([200, null]);
    await registry.meet(undefined);
    expect((await ask(path)).status).toBe(200);
  });

  it('goes away and comes back with what it had, at the same address', async () => {
    await registry.meet('gone');
    await expect(ask('/v2/')).rejects.toThrow(/fetch failed/);
    await registry.meet(undefined);
    expect((await ask('/v2/shop/web/manifests/1.0')).status).toBe(200);
  });

  it('answers with an index where an image is for certain architectures', async () => {
    registry.repositories.push('shop/multi', '1.0', ['arm64', 's390x']);
    const index = await ask('/v2/shop/multi/manifests/1.0');
    expect(index.headers.get('content-type')).toBe('application/vnd.oci.image.index.v1+json');
    const { manifests } = (await index.json()) as { manifests: { digest: string; platform: { architecture: string } }[] };
    expect(manifests.map(({ platform }) => platform.architecture)).toEqual(['arm64', 's390x']);
    for (const { digest } of manifests) expect((await ask(`/v2/shop/multi/manifests/${digest}`)).status).toBe(200);
  });

  it('takes a tag away, and nothing that is sent', async () => {
    const digest = registry.repositories.push('shop/web', '3.0');
    expect((await ask('/v2/shop/web/manifests/3.0')).status).toBe(200);
    registry.repositories.remove('shop/web', '3.0');
    expect((await ask('/v2/shop/web/manifests/3.0')).status).toBe(404);
    expect((await ask(`/v2/shop/web/manifests/${digest}`)).status).toBe(404);
    const put = await fetch(`http://${registry.host}/v2/shop/web/manifests/4.0`, { method: 'PUT', body: '{}' });
    expect(put.status).toBe(405);
  });
});
