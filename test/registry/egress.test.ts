import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Account, ANONYMOUS } from '../../src/facts/credential.ts';
import { SecretText } from '../../src/facts/secret-text.ts';
import { createSocketProber } from '../../src/network/socket-prober.ts';
import { createOciRegistry, type OciRegistryOptions } from '../../src/registry/oci-registry.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { type Handle, MANIFEST, ROBOT, reference, testServers } from '../support/greeting-registry.ts';
import { socketServers } from '../support/socket-servers.ts';

const { listen } = socketServers();
const { serve, registry } = testServers();

const { signal } = new AbortController();
const identity: Account = { name: 'an identity', credential: { kind: 'identity-token', token: new SecretText('canary-refresh') } };

/** A server inside the network that would tell anybody a secret. On loopback, which is judged like a private address here. */
const internal = () =>
  serve((_, response) => response.end(JSON.stringify({ token: 'abc', errors: [{ code: 'X', message: 'canary-inside' }] })));

const redirect =
  (location: string): Handle =>
  (_, response) =>
    response.writeHead(307, { location }).end();

/** Every name is at 127.0.0.1. */
const resolve = ((_name: string, _options: unknown, callback: (error: null, found: LookupAddress[]) => void) =>
  // The cast leaves out the overloads of dns.lookup that are never called.
  callback(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as NonNullable<OciRegistryOptions['resolve']>;

const open = (options: Partial<OciRegistryOptions> = {}) =>
  createOciRegistry({ allowLoopback: true, env: {}, timeoutMs: PATIENCE_MS, resolve, ...options });

async function ask(
  host: string,
  given: { readonly account?: Account; readonly options?: Partial<OciRegistryOptions>; readonly oci?: ReturnType<typeof open> } = {},
) {
  const { oci = open(given.options) } = given;
  const answer = await oci.askManifest({ reference: reference(host), account: given.account ?? ANONYMOUS, how: 'get' }, signal);
  expect(JSON.stringify(answer)).not.toContain('canary');
  return answer;
}

describe('a redirect', () => {
  it('leads to no private address, written or resolved', async () => {
    const inside = await internal();
    const [, port] = inside.host.split(':');
    for (const location of [
      `http://${inside.host}/v2/x`,
      `http://inside.example:${port}/v2/x`,
      'http://10.0.0.5/',
      'http://[fd00::1]/v2/',
    ]) {
      const evil = await registry(redirect(location));
      expect(await ask(evil.host), location).toMatchObject({ status: 'unreachable', problem: 'address-refused' });
    }
    expect(inside.requests).toEqual([]);
  });

  it('leads to one that the configuration lists', async () => {
    const store = await serve((_, response) => response.writeHead(200, MANIFEST).end('{}'));
    const trusting = await registry(redirect(`http://${store.host}/v2/x`));
    await ask(trusting.host, { options: { allowPrivate: [store.host] } });
    expect(store.requests).toHaveLength(1);
  });

  it('leads to no other path of a private host, not even over the connection that is open', async () => {
    // The name may lead elsewhere by now, and the certificate of a host that speaks plain HTTP proves nothing.
    const evil = await registry(redirect('/admin/secrets'));
    const [, port] = evil.host.split(':');
    const host = `evil.example:${port}`;
    expect(await ask(host, { options: { plainHttp: [host] } })).toMatchObject({ status: 'unreachable', problem: 'address-refused' });
    expect(evil.requests.map(({ url }) => url)).toEqual(['/v2/', '/v2/shop/web/manifests/1.0']);
  });

  it('is not followed to where a blob is stored', async () => {
    const inside = await internal();
    const evil = await registry(redirect(`http://${inside.host}/`));
    const oci = createOciRegistry({ allowLoopback: true, allowPrivate: ['127.0.0.1'], env: {} });
    const blob = await oci.askBlob({ reference: reference(evil.host), account: ANONYMOUS, digest: `sha256:${'0'.repeat(64)}` }, signal);
    expect(blob.status).toBe('found');
    expect(inside.requests).toEqual([]);
  });
});

describe('a token server', () => {
  const realm = (host: string) => `Bearer realm="http://${host}/secret",service="s"`;

  it('at a private address that nobody listed is not asked, and said not to be', async () => {
    const inside = await internal();
    const evil = await registry((_, response) => response.writeHead(200, MANIFEST).end('{}'), realm(inside.host));
    expect(await ask(evil.host)).toMatchObject({ status: 'not-asked', because: expect.stringContaining('registries.allowPrivate') });
    expect(inside.requests).toEqual([]);
  });

  it('that is the registry itself is asked', async () => {
    let self = '';
    const server = await serve((request, response) => {
      if (request.url?.startsWith('/secret')) return response.end('{"token":"abc"}');
      if (request.headers.authorization === 'Bearer abc') return response.writeHead(200, MANIFEST).end('{}');
      return response.writeHead(401, { 'www-authenticate': realm(self) }).end();
    });
    self = server.host;
    await ask(server.host, { account: ROBOT });
    expect(server.requests.map(({ url }) => url?.split('?')[0])).toContain('/secret');
  });

  it('that is the registry itself by a name in plain HTTP may be another one by now', async () => {
    let self = '';
    const evil = await serve((_, response) => response.writeHead(401, { 'www-authenticate': realm(self) }).end());
    self = `evil.example:${evil.host.split(':')[1]}`;
    expect(await ask(self, { options: { plainHttp: [self] } })).toMatchObject({ status: 'not-asked' });
    expect(evil.requests.map(({ url }) => url)).toEqual(['/v2/']);
  });

  it('on another host is sent no login that it is not known to take, and is still asked anonymously', async () => {
    const tokens = await serve((_, response) => response.end('{"token":"abc"}'));
    const evil = await registry((_, response) => response.writeHead(401).end(), realm(tokens.host));
    const options = { allowPrivate: [tokens.host] };
    for (const account of [ROBOT, identity]) {
      expect(await ask(evil.host, { account, options })).toMatchObject({
        status: 'not-asked',
        because: expect.stringMatching(/^the login was not tried, .* registries\.tokenServers/),
      });
    }
    expect(tokens.requests).toEqual([]);
    expect(await ask(evil.host, { options })).toMatchObject({ status: 'unauthorized' });
    expect(tokens.requests).toHaveLength(1);
  });

  it('that the configuration names for this registry is sent its login; for another registry it is not', async () => {
    const tokens = await serve((_, response) => response.end('{"token":"abc"}'));
    const mine = await registry((_, response) => response.writeHead(200, MANIFEST).end('{}'), realm(tokens.host));
    const other = await registry((_, response) => response.writeHead(200, MANIFEST).end('{}'), realm(tokens.host));
    const oci = open({ tokenServers: { [mine.host]: [tokens.host] } });
    await ask(mine.host, { account: ROBOT, oci });
    expect(tokens.requests.map(({ headers }) => headers.authorization?.split(' ')[0])).toEqual(['Basic']);
    expect(await ask(other.host, { account: ROBOT, oci })).toMatchObject({ status: 'not-asked' });
    expect(tokens.requests).toHaveLength(1);
  });

  it('of a known vendor is sent no login of a registry that only looks like it', async () => {
    const evil = await registry((_, response) => response.writeHead(200, MANIFEST).end('{}'), 'Bearer realm="https://gitlab.com/jwt/auth"');
    expect(await ask(evil.host, { account: ROBOT })).toMatchObject({ status: 'not-asked' });
  });
});

describe("an image's own registry", () => {
  it('is kept to the private networks that the configuration names', async () => {
    const options = { allowLoopback: false, privateNetworks: ['10.0.0.0/8'] };
    for (const host of ['192.168.1.1:1', '[fd00::1]:1']) {
      expect(await ask(host, { options })).toMatchObject({
        status: 'unreachable',
        problem: 'address-refused',
        message: expect.stringContaining('outside registries.privateNetworks'),
      });
    }
  });
});

describe('behind a proxy', () => {
  /** A proxy that refuses everything, and the servers it was asked for. */
  async function proxy(): Promise<{ readonly env: Record<string, string>; readonly asked: string[] }> {
    const asked: string[] = [];
    const port = await listen(
      createServer((socket) =>
        socket.once('data', (chunk) => {
          asked.push(/^[A-Z]+ (\S+)/.exec(chunk.toString('latin1'))?.[1] ?? '');
          socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        }),
      ),
    );
    return { env: { HTTPS_PROXY: `http://127.0.0.1:${port}`, HTTP_PROXY: `http://127.0.0.1:${port}` }, asked };
  }

  it('a host that an answer names is asked for only if it is listed or known', async () => {
    const { env, asked } = await proxy();
    const prober = createSocketProber({ allowLoopback: true, allowPrivate: ['minio.corp.example'], env, timeoutMs: PATIENCE_MS });
    const at = (host: string, namedBy: 'image' | 'answer') => prober.probe({ host, port: 443, tls: true, namedBy }, signal);
    expect(await at('vault.corp.example', 'answer')).toMatchObject({
      problem: 'address-refused',
      addresses: [{ status: 'refused-by-guard' }],
    });
    expect(await at('10.0.0.5', 'answer')).toMatchObject({ problem: 'address-refused' });
    expect(await at('169.254.169.254', 'image')).toMatchObject({ problem: 'address-refused' });
    expect(asked).toEqual([]);
    await at('minio.corp.example', 'answer');
    await at('registry.corp.example', 'image');
    expect(asked).toEqual(['minio.corp.example:443', 'registry.corp.example:443']);
  });

  it('a token server is asked for under the same rule', async () => {
    const { env, asked } = await proxy();
    const ofVendor = await registry((_, response) => response.end(), 'Bearer realm="https://auth.docker.io/token"');
    await ask(ofVendor.host, { options: { env } });
    const ofNobody = await registry((_, response) => response.end(), 'Bearer realm="https://auth.corp.example/token"');
    expect(await ask(ofNobody.host, { options: { env } })).toMatchObject({ status: 'not-asked' });
    expect(asked).toEqual(['auth.docker.io:443']);
  });
});

describe('what a server says is not repeated', () => {
  it.each<[string, Handle]>([
    ['in plain words', (_, r) => r.writeHead(500).end('canary-inside')],
    ['in plain words that it refuses with', (_, r) => r.writeHead(403).end('canary-inside')],
    ['on a page', (_, r) => r.writeHead(502).end('<html><title>canary-inside</title>')],
    ['on a page that is missing', (_, r) => r.writeHead(404).end('<!doctype html><title>canary-inside</title>')],
    ['on a page that it refuses with', (_, r) => r.writeHead(403).end('<html><title>canary-inside</title>')],
    ['in JSON of its own', (_, r) => r.writeHead(500).end('{"message":"canary-inside","error":"canary-inside","details":"canary-inside"}')],
    ['as an error without a code', (_, r) => r.writeHead(500).end('{"errors":[{"message":"canary-inside"}]}')],
    ['as an error that is a text', (_, r) => r.writeHead(500).end('{"errors":["canary-inside"]}')],
    ['as a code', (_, r) => r.writeHead(500).end('{"errors":[{"code":"canary inside: db-password=1","message":"canary-inside"}]}')],
    ['as the detail of an error', (_, r) => r.writeHead(403).end('{"errors":[{"code":"DENIED","message":"no","detail":"canary-inside"}]}')],
    ['as a media type', (_, r) => r.writeHead(200, { 'content-type': '"canary inside"' }).end('{}')],
    [
      'as the type of an artifact',
      (_, r) => r.writeHead(200, MANIFEST).end('{"artifactType":"canary inside","config":{"size":1},"layers":[{"size":1}]}'),
    ],
    ['as whom it limits', (_, r) => r.writeHead(429, { 'ratelimit-limit': '1', 'docker-ratelimit-source': 'canary inside' }).end()],
    [
      'as a platform',
      (_, r) =>
        r.writeHead(200, MANIFEST).end('{"manifests":[{"digest":"canary inside","platform":{"os":"canary inside","architecture":"x"}}]}'),
    ],
  ])('%s', async (_, handle) => {
    // `ask` looks for it.
    expect((await ask((await registry(handle)).host)).requests).toBeGreaterThan(0);
  });

  it('unless it is an error as the specification has it, shortened', async () => {
    const body = { errors: [{ code: 'DENIED', message: `no ${'x'.repeat(1_000)}` }] };
    const answer = await ask((await registry((_, response) => response.writeHead(403).end(JSON.stringify(body)))).host);
    expect(answer).toMatchObject({ status: 'forbidden', code: 'DENIED', message: expect.stringMatching(/^no x{294}\.\.\.$/) });
  });
});
