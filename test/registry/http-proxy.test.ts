import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAddressGuard } from '../../src/network/address-guard.ts';
import { createHttpClient } from '../../src/network/http/client.ts';
import { createSocketProber } from '../../src/network/socket-prober.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { socketServers } from '../support/socket-servers.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());

const { listen, watch } = socketServers();

/** A registry over TLS for other.example, and a proxy that leads every tunnel to it. */
async function world(
  answer: (socket: Socket, head: string) => void = () => undefined,
): Promise<{ env: Record<string, string>; heads: string[] }> {
  const { certificate, key } = certificates.wrongName;
  const registry = await listen(
    createHttpsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) =>
      response.writeHead(200, { 'x-authorization': request.headers.authorization ?? 'none' }).end(`hello from ${request.url}`),
    ),
  );
  const heads: string[] = [];
  const proxy = await listen(
    createServer((socket) => {
      socket.once('data', (chunk) => {
        const head = chunk.toString('latin1');
        heads.push(head);
        if (!head.startsWith('CONNECT other.example:443 ')) return answer(socket, head);
        const onward = connect(registry, '127.0.0.1');
        watch(onward);
        onward.on('error', () => socket.destroy());
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      });
    }),
  );
  const url = `http://robot:canary-proxy@127.0.0.1:${proxy}`;
  return { env: { HTTPS_PROXY: url, HTTP_PROXY: url }, heads };
}

const client = (env: Record<string, string>, timeoutMs = PATIENCE_MS) =>
  createHttpClient({
    guard: createAddressGuard({ allowLoopback: false }),
    env,
    timeoutMs,
    connectMs: timeoutMs,
    ca: certificates.authority,
  });
const ask = (env: Record<string, string>, url: string, timeoutMs?: number) =>
  client(env, timeoutMs)(
    { url: new URL(url), namedBy: 'image', method: 'GET', maxBytes: 10_000, headers: { authorization: 'Bearer canary-token' } },
    () => undefined,
  );

describe('behind a proxy', () => {
  it('TLS goes through a tunnel that sees neither path nor login', async () => {
    const { env, heads } = await world();
    expect(await ask(env, 'https://other.example/v2/')).toMatchObject({
      kind: 'response',
      status: 200,
      body: 'hello from /v2/',
      headers: { 'x-authorization': 'Bearer canary-token' },
    });
    expect(heads).toHaveLength(1);
    expect(heads[0]).toContain(`Proxy-Authorization: Basic ${Buffer.from('robot:canary-proxy').toString('base64')}`);
    expect(heads[0]).not.toContain('canary-token');
  });

  it('the certificate is still that of the registry', async () => {
    const { env } = await world();
    const strangers = createHttpClient({
      guard: createAddressGuard({ allowLoopback: false }),
      env,
      timeoutMs: PATIENCE_MS,
      connectMs: PATIENCE_MS,
    });
    expect(
      await strangers({ url: new URL('https://other.example/v2/'), namedBy: 'image', method: 'GET', maxBytes: 100 }, () => undefined),
    ).toMatchObject({
      kind: 'unreachable',
      problem: 'tls-untrusted',
    });
  });

  it('plain HTTP is handed over whole', async () => {
    const { env, heads } = await world((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok'));
    expect(await ask(env, 'http://plain.example/v2/')).toMatchObject({ kind: 'response', body: 'ok' });
    expect(heads[0]).toMatch(/^GET http:\/\/plain\.example\/v2\/ HTTP\/1\.1\r\n/);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['refuses', (socket) => void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')],
    ['says nothing', () => undefined],
    ['drips', (socket) => void socket.write('HTTP/1.1 2')],
    ['answers without an end', (socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`)],
    ['hangs up', (socket) => void socket.destroy()],
  ])('one that %s fails in time, and its login is told nowhere', async (_, answer) => {
    const { env } = await world(answer);
    const exchange = await ask(env, 'https://elsewhere.example/v2/', 200);
    expect(exchange).toMatchObject({ kind: 'unreachable', problem: 'proxy-failure', host: 'elsewhere.example' });
    expect(JSON.stringify(exchange)).not.toContain('canary');
  });

  it('loopback and metadata addresses are refused all the same', async () => {
    const { env } = await world();
    for (const url of ['http://169.254.169.254/latest', 'https://[fe80::1]/', 'http://2130706433/'])
      expect(await ask(env, url)).toMatchObject({ kind: 'unreachable', problem: 'address-refused' });
  });

  it('the way is probed through the tunnel too', async () => {
    const { env } = await world();
    const prober = createSocketProber({ allowLoopback: true, env, timeoutMs: PATIENCE_MS, ca: certificates.authority });
    const report = await prober.probe({ host: 'other.example', port: 443, tls: true, namedBy: 'image' }, AbortSignal.timeout(PATIENCE_MS));
    expect(report).toMatchObject({ proxy: expect.stringMatching(/^127\.0\.0\.1:\d+$/), tls: { status: 'trusted' } });
    expect(JSON.stringify(report)).not.toContain('canary');
  });
});
