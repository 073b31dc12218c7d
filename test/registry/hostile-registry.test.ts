import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Account, ANONYMOUS } from '../../src/facts/credential.ts';
import type { ManifestAnswer } from '../../src/facts/registry-answer.ts';
import { SecretText } from '../../src/facts/secret-text.ts';
import type { TokenServers } from '../../src/registry/auth/token-server.ts';
import { createOciRegistry } from '../../src/registry/oci-registry.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { type Handle, MANIFEST, ROBOT, reference, testServers } from '../support/greeting-registry.ts';
import { socketServers } from '../support/socket-servers.ts';

const { listen } = socketServers();
const { serve, registry } = testServers();

const { signal } = new AbortController();
/** The test's own servers may be asked, whoever names them; `tokenServer` may be sent logins. */
const open = (given: { readonly timeoutMs?: number; readonly tokenServers?: TokenServers } = {}) =>
  createOciRegistry({ allowLoopback: true, allowPrivate: ['127.0.0.1'], env: {}, timeoutMs: PATIENCE_MS, ...given });
async function ask(
  handle: Handle,
  given: {
    readonly how?: 'head' | 'get';
    readonly account?: Account;
    readonly challenge?: string;
    readonly tokenServer?: string;
    readonly timeoutMs?: number;
  } = {},
) {
  const server = await registry(handle, given.challenge);
  const tokenServers = given.tokenServer === undefined ? {} : { [server.host]: [given.tokenServer] };
  const answer = await open({ timeoutMs: given.timeoutMs ?? PATIENCE_MS, tokenServers }).askManifest(
    { reference: reference(server.host), account: given.account ?? ANONYMOUS, how: given.how ?? 'get' },
    signal,
  );
  expect(JSON.stringify(answer)).not.toContain('canary');
  return answer;
}

describe('a registry that refuses', () => {
  it.each<[string, Handle, Partial<ManifestAnswer>]>([
    [
      'with 429 and a time',
      (_, r) => r.writeHead(429, { 'retry-after': '120' }).end('{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}'),
      { status: 'rate-limited', retryAfterSeconds: 120, message: 'slow down' },
    ],
    ['with 429 and nothing else', (_, r) => r.writeHead(429).end(), { status: 'rate-limited' }],
    ['with 500', (_, r) => r.writeHead(500).end('boom'), { status: 'failing', httpStatus: 500 }],
    ['with 502 and a page', (_, r) => r.writeHead(502).end('<html><title>Bad Gateway</title>'), { status: 'failing', httpStatus: 502 }],
    [
      'with 503',
      (_, r) => r.writeHead(503, { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' }).end(),
      { status: 'failing', httpStatus: 503 },
    ],
    ['with 404 and a page', (_, r) => r.writeHead(404).end('<!DOCTYPE html><title>Nginx</title>'), { status: 'unusable' }],
    ['with 404 in plain words', (_, r) => r.writeHead(404).end('no such thing'), { status: 'missing', what: 'unknown' }],
    [
      'with 400 and a name that is none',
      (_, r) => r.writeHead(400).end('{"errors":[{"code":"NAME_INVALID"}]}'),
      { status: 'missing', what: 'repository' },
    ],
    ['with a status nobody expects', (_, r) => r.writeHead(418).end(), { status: 'failing', httpStatus: 418 }],
  ])('%s', async (_, handle, expected) => {
    expect(await ask(handle)).toMatchObject(expected);
  });
});

it('a registry that limits tells how much is left', async () => {
  const answer = await ask((_, response) =>
    response.writeHead(429, { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' }).end(),
  );
  expect(answer).toMatchObject({ status: 'rate-limited', rateLimit: { limit: 100, remaining: 0, windowSeconds: 21_600 } });
});

describe('a registry that answers nonsense', () => {
  it.each<[string, Handle, string]>([
    [
      'a web page',
      (_, r) => r.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>Sign in</html>'),
      'a web page came back',
    ],
    ['something that is not JSON', (_, r) => r.writeHead(200, MANIFEST).end('hello'), 'no manifest'],
    ['half a manifest', (_, r) => r.writeHead(200, MANIFEST).end('{"schemaVersion":2,"config":{"si'), 'no manifest'],
    ['JSON of another kind', (_, r) => r.writeHead(200, MANIFEST).end('[1,2,3]'), 'no manifest'],
    ['no content', (_, r) => r.writeHead(204).end(), 'status 204'],
    [
      'a body that breaks off',
      (_, r) => void r.writeHead(200, { ...MANIFEST, 'content-length': '1000' }).write('{', () => r.destroy()),
      'breaks off in the middle',
    ],
    [
      'another protocol',
      (_, r) => void r.socket?.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
      'switches protocols',
    ],
    ['no HTTP', (_, r) => void r.socket?.end('220 smtp ready\r\n'), 'something that is not HTTP'],
    ['redirects without an end', (q, r) => r.writeHead(307, { location: `${q.url}x` }).end(), 'redirects more than 3 times'],
    ['a redirect to nowhere', (_, r) => r.writeHead(307, { location: 'ftp://x/' }).end(), 'redirects to nowhere'],
  ])('%s', async (_, handle, because) => {
    expect(await ask(handle)).toMatchObject({ status: 'unusable', because: expect.stringContaining(because) });
  });

  it('more headers than anybody needs', async () => {
    const handle: Handle = (_, response) => {
      response.socket?.write('HTTP/1.1 200 OK\r\n');
      const more = () => {
        while (response.socket?.writable && response.socket.write(`x: ${'y'.repeat(64_000)}\r\n`));
        response.socket?.once('drain', more);
      };
      more();
    };
    expect(await ask(handle)).toMatchObject({ status: 'unusable', because: expect.stringContaining('KiB of headers') });
  });

  it('200 MB of JSON, of which it takes a few', async () => {
    let written = 0;
    const handle: Handle = (_, response) => {
      response.writeHead(200, MANIFEST);
      const chunk = Buffer.from(`"${'x'.repeat(999_998)}",`);
      const more = () => {
        while (written < 200_000_000 && response.writable) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    };
    expect(await ask(handle)).toMatchObject({ status: 'unusable', because: expect.stringContaining('more than 4096 KiB') });
    expect(written).toBeLessThan(50_000_000);
  });

  it('a million errors, of which it reads one', async () => {
    const body = `{"errors":[{"code":"DENIED","message":"no"},${'1,'.repeat(1_000_000)}1]}`;
    expect(await ask((_, response) => response.writeHead(403).end(body))).toMatchObject({ status: 'forbidden' });
  });

  it('bytes so slow that they never end, or none at all', async () => {
    const slow: Handle = (_, response) => {
      response.writeHead(200, { ...MANIFEST, 'content-length': '100000' });
      response.write('{');
    };
    expect(await ask(slow, { timeoutMs: 100 })).toMatchObject({ status: 'unreachable', problem: 'timeout' });
    expect(await ask(() => undefined, { timeoutMs: 100 })).toMatchObject({ status: 'unreachable', problem: 'timeout' });
  });
});

describe('a login', () => {
  const basic = 'Basic realm="x"';

  it('goes to no other host by a redirect, and no login of the server goes anywhere', async () => {
    const other = await registry((_, response) => response.writeHead(200, MANIFEST).end('{}'));
    const answer = await ask((_, response) => response.writeHead(307, { location: `http://admin:canary@${other.host}/elsewhere` }).end(), {
      how: 'head',
      account: ROBOT,
      challenge: basic,
    });
    expect(answer.status).toBe('found');
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('goes to no other host by a link to the next page', async () => {
    const other = await registry((_, response) => response.end('{"tags":["x"]}'));
    const server = await registry(
      (_, response) => response.writeHead(200, { link: `<http://r//${other.host}/v2/x>; rel="next"` }).end('{"tags":["1.0"]}'),
      basic,
    );
    const tags = await open().listTags({ reference: reference(server.host), account: ROBOT, mostPages: 3 }, signal);
    expect(tags).toMatchObject({ status: 'found', tags: ['1.0'], complete: false });
    expect(other.requests).toEqual([]);
  });

  it('is not followed to a metadata service', async () => {
    expect(
      await ask((_, response) => response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end()),
    ).toMatchObject({
      status: 'unreachable',
      problem: 'address-refused',
    });
  });

  it('is masked where a server echoes it', async () => {
    const echo: Handle = (request, response) => {
      const sent = request.headers.authorization ?? '';
      response
        .writeHead(403)
        .end(JSON.stringify({ errors: [{ code: 'DENIED', message: `bad login ${sent} ${Buffer.from(sent.slice(6), 'base64')}` }] }));
    };
    const answer = await ask(echo, { account: ROBOT, challenge: basic });
    expect(JSON.stringify(answer)).not.toContain(Buffer.from('robot:canary-password').toString('base64'));
    expect(answer).toMatchObject({ status: 'forbidden', message: expect.stringContaining('[redacted]') });
  });

  it('is sent where only the manifest asks for it', async () => {
    const gate: Handle = (request, response) =>
      request.headers.authorization
        ? response.writeHead(200, MANIFEST).end()
        : response.writeHead(401, { 'www-authenticate': basic }).end();
    expect(await ask(gate, { how: 'head', account: ROBOT })).toMatchObject({ status: 'found' });
  });
});

describe('a token server', () => {
  const via = async (handle: Handle, account: Account = ROBOT) => {
    const tokens = await serve(handle);
    return ask((_, response) => response.writeHead(200, MANIFEST).end(), {
      how: 'head',
      account,
      challenge: `Bearer realm="http://${tokens.host}/token",service="s"`,
      tokenServer: tokens.host,
    });
  };

  it.each<[string, Handle, Partial<ManifestAnswer>]>([
    [
      'refuses the login',
      (_, r) => r.writeHead(401).end('{"details":"incorrect username or password"}'),
      { status: 'unauthorized', by: 'token-server' },
    ],
    ['forbids', (_, r) => r.writeHead(403).end(), { status: 'forbidden', by: 'token-server' }],
    [
      'limits',
      (_, r) => r.writeHead(429, { 'retry-after': '7' }).end(),
      { status: 'rate-limited', by: 'token-server', retryAfterSeconds: 7 },
    ],
    ['fails', (_, r) => r.writeHead(500).end(), { status: 'failing', by: 'token-server', httpStatus: 500 }],
    ['is not where it should be', (_, r) => r.writeHead(404).end(), { status: 'unusable' }],
    ['answers a page', (_, r) => r.end('<html>'), { status: 'unusable', because: 'the token server answers 200 without a token' }],
    ['answers no token', (_, r) => r.end('{"token":""}'), { status: 'unusable' }],
    ['answers a token that would break the header', (_, r) => r.end('{"token":"a\\r\\nx: y"}'), { status: 'unusable' }],
    ['answers with an access token that lives for ever', (_, r) => r.end('{"access_token":"abc","expires_in":1e99}'), { status: 'found' }],
  ])('that %s', async (_, handle, expected) => {
    expect(await via(handle)).toMatchObject(expected);
  });

  it('that says nothing is waited for once, for a connection only, whoever asks next', async () => {
    let connections = 0;
    const silent = createServer(() => {
      connections += 1;
    });
    const port = await listen(silent);
    const server = await registry((_, response) => void response.writeHead(401).end(), `Bearer realm="https://127.0.0.1:${port}/token"`);
    const tokenServers = { [server.host]: [`127.0.0.1:${port}`] };
    const client = createOciRegistry({ allowLoopback: true, tokenServers, env: {}, timeoutMs: 600_000, connectMs: 1_500 });
    for (const account of [ANONYMOUS, ROBOT])
      expect(await client.askManifest({ reference: reference(server.host), account, how: 'get' }, signal)).toMatchObject({
        status: 'unreachable',
        problem: 'timeout',
        message: expect.stringMatching(/^token server 127\.0\.0\.1:\d+ did not answer within 1\.5 s$/),
      });
    expect(connections).toBe(1);
  });

  it('that redirects a form gets no anonymous token in its place', async () => {
    const identity: Account = { name: 'x', credential: { kind: 'identity-token', token: new SecretText('canary-refresh') } };
    expect(
      await via(
        (request, response) =>
          request.method === 'POST' ? response.writeHead(307, { location: '/other' }).end() : response.end('{"token":"abc"}'),
        identity,
      ),
    ).toMatchObject({
      status: 'unusable',
      because: expect.stringContaining('redirects a login'),
    });
  });

  it('in plain HTTP on another host than the registry is sent no login', async () => {
    const server = await registry(() => undefined, 'Bearer realm="http://tokens.example/token",service="s"');
    expect(await open().askManifest({ reference: reference(server.host), account: ROBOT, how: 'head' }, signal)).toMatchObject({
      status: 'unusable',
      because: expect.stringContaining('tokens.example speaks plain HTTP'),
    });
  });
});
