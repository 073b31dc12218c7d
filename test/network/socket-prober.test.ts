import { readFileSync } from 'node:fs';
import { connect as connectTcp, createServer, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSocketProber } from '../../src/network/socket-prober.ts';
import { createOciRegistry } from '../../src/registry/oci-registry.ts';
import { type Certificates, makeCertificates, type ServerCertificate } from '../support/certificates.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { freePort, startDockerRegistry } from '../support/real-parts.ts';
import { socketServers } from '../support/socket-servers.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());

const { listen, servers, sockets } = socketServers();
const tlsServer = ({ certificate, key }: ServerCertificate) =>
  listen(createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (socket) => socket.on('error', () => undefined)));

const { signal } = new AbortController();
const prober = (given: Partial<Parameters<typeof createSocketProber>[0]> = {}) =>
  createSocketProber({ allowLoopback: true, env: {}, timeoutMs: PATIENCE_MS, ca: certificates.authority, ...given });
const probe = (port: number, given?: Parameters<typeof prober>[0], host = '127.0.0.1') =>
  prober(given).probe({ host, port, tls: true, namedBy: 'image' }, signal);

describe('a probe of TLS', () => {
  it('reports a chain that is trusted, with its names, dates and timings', async () => {
    const report = await probe(await tlsServer(certificates.good), {}, 'localhost');
    expect(report).toMatchObject({
      dns: { status: 'resolved' },
      addresses: expect.arrayContaining([{ address: '127.0.0.1', status: 'open', milliseconds: expect.any(Number) }]),
      tls: {
        status: 'trusted',
        milliseconds: expect.any(Number),
        chain: [{ subject: 'good', issuer: 'Test Authority', names: ['127.0.0.1', 'localhost'] }, { subject: 'Test Authority' }],
      },
    });
    expect(report.problem).toBeUndefined();
  });

  it.each([
    [
      'signed by an authority that nobody knows',
      'good',
      { ca: undefined },
      'untrusted',
      'tls-untrusted',
      'its issuer Test Authority is not trusted here',
    ],
    ['signed by itself', 'selfSigned', {}, 'untrusted', 'tls-untrusted', 'it is signed by itself'],
    ['that has ended', 'expired', {}, 'expired', 'tls-expired', 'it ended at'],
    ['for another name', 'wrongName', {}, 'wrong-name', 'tls-hostname', '127.0.0.1 is not among its names: other.example'],
  ] as const)('reports a certificate %s', async (_, which, given, status, problem, because) => {
    const options =
      'ca' in given
        ? { allowLoopback: true, env: {}, timeoutMs: PATIENCE_MS }
        : { allowLoopback: true, env: {}, timeoutMs: PATIENCE_MS, ca: certificates.authority };
    const report = await createSocketProber(options).probe(
      { host: '127.0.0.1', port: await tlsServer(certificates[which]), tls: true, namedBy: 'image' },
      signal,
    );
    expect(report).toMatchObject({ problem, tls: { status, because: expect.stringContaining(because) } });
    expect(report.tls && 'chain' in report.tls ? report.tls.chain.length : 0).toBeGreaterThan(0);
  });

  it.each([
    ['wrongName', false, ['untrusted', 'wrong-name']],
    ['expired', false, ['untrusted', 'expired']],
    ['expiredWrongName', false, ['untrusted', 'expired', 'wrong-name']],
    ['expiredWrongName', true, ['expired', 'wrong-name']],
    ['good', false, ['untrusted']],
    ['wrongName', true, ['wrong-name']],
  ] as const)('reports all that is wrong with a certificate at once: %s, trusted authority %s', async (which, trusted, all) => {
    const given = { allowLoopback: true, env: {}, timeoutMs: PATIENCE_MS, ...(trusted ? { ca: certificates.authority } : {}) };
    const port = await tlsServer(certificates[which]);
    const { tls } = await createSocketProber(given).probe({ host: '127.0.0.1', port, tls: true, namedBy: 'image' }, signal);
    expect([tls?.status, ...(tls && 'also' in tls ? (tls.also ?? []) : []).map(({ status }) => status)]).toEqual(all);
  });

  it('reports plain HTTP, silence and a cut', async () => {
    const plain = await listen(createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))));
    expect(await probe(plain)).toMatchObject({ problem: 'plain-http', tls: { status: 'not-tls' } });
    const silent = await listen(createServer(() => undefined));
    expect(await probe(silent, { timeoutMs: 1_000 })).toMatchObject({
      problem: 'timeout',
      tls: { status: 'silent', because: expect.stringContaining('in time') },
    });
    const cutting = await listen(createServer((socket) => socket.once('data', () => socket.destroy())));
    expect(await probe(cutting)).toMatchObject({ problem: 'connection-reset', tls: { status: 'failed' } });
  });
});

describe('a probe of addresses', () => {
  it('reports a port on which nobody listens', async () => {
    expect(await probe(await freePort())).toMatchObject({
      problem: 'connection-refused',
      addresses: [{ address: '127.0.0.1', status: 'connection-refused' }],
    });
  });

  it('reports a name that does not exist, and a resolver that never answers', async () => {
    const failing = {
      resolve: ((_: string, __: unknown, done: (error: Error) => void) =>
        done(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))) as never,
    };
    expect(await probe(443, failing, 'registry.example')).toMatchObject({
      problem: 'dns-failure',
      dns: { status: 'failed', because: 'the name cannot be resolved' },
    });
    const hanging = { resolve: (() => undefined) as never, timeoutMs: 50 };
    expect(await probe(443, hanging, 'registry.example')).toMatchObject({
      dns: { status: 'failed', because: 'the resolver gave no answer in time' },
    });
  });

  it('connects to no address that the guard refuses, and says why', async () => {
    const metadata = {
      resolve: ((_: string, __: unknown, done: (error: null, addresses: unknown) => void) =>
        done(null, [{ address: '169.254.169.254', family: 4 }])) as never,
    };
    expect(await probe(80, metadata, 'registry.example')).toMatchObject({
      problem: 'address-refused',
      addresses: [{ status: 'refused-by-guard', because: expect.stringContaining('metadata') }],
    });
    expect(await probe(await tlsServer(certificates.good), { allowLoopback: false })).toMatchObject({ problem: 'address-refused' });
  });

  it('waits less for an address that hangs where another one is open', async () => {
    const twice = ((_: string, __: unknown, done: (error: null, addresses: unknown) => void) =>
      done(null, [
        { address: '192.0.2.9', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])) as never;
    const hanging = new Socket();
    const connect = (to: { host: string; port: number }) => (to.host === '192.0.2.9' ? hanging : connectTcp(to));
    const given = { resolve: twice, connect, timeoutMs: 600_000, besideOpenMs: 10 };
    const report = await probe(await tlsServer(certificates.good), given, 'localhost');
    expect(report.addresses.map(({ status }) => status)).toEqual(['timeout', 'open']);
    expect(report.tls?.status).toBe('trusted');
    expect(hanging.destroyed).toBe(true);
  });

  it('ends when it is told to, and leaves no socket open', async () => {
    const port = await listen(createServer(() => undefined));
    const stop = new AbortController();
    const probing = prober({ timeoutMs: PATIENCE_MS }).probe({ host: '127.0.0.1', port, tls: true, namedBy: 'image' }, stop.signal);
    await new Promise<void>((resolve) => servers.at(-1)?.once('connection', () => resolve()));
    const closed = new Promise((resolve) => [...sockets].at(-1)?.once('close', resolve));
    stop.abort();
    expect((await probing).problem).toBeDefined();
    await closed;
  });
});

describe('a probe through a proxy', () => {
  /** A CONNECT proxy that answers a status, and tunnels if that is 200. */
  async function proxy(status: number, seen: string[] = []): Promise<number> {
    const { connect } = await import('node:net');
    return listen(
      createServer((socket) =>
        socket.once('data', (chunk) => {
          seen.push(chunk.toString());
          const [, host, port] = /^CONNECT ([^:]+):(\d+)/.exec(chunk.toString()) ?? [];
          if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
          const onward = connect(Number(port), host);
          onward.on('error', () => socket.destroy());
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          socket.pipe(onward).pipe(socket);
        }),
      ),
    );
  }
  // Loopback is never asked through a proxy, so the name has to be one of elsewhere that leads here.
  const through = (port: number, target: number) =>
    createSocketProber({
      allowLoopback: true,
      env: { HTTPS_PROXY: `http://robot:canary-proxy@127.0.0.1:${port}` },
      timeoutMs: PATIENCE_MS,
      ca: certificates.authority,
    }).probe({ host: '127.0.0.1.example', port: target, tls: true, namedBy: 'image' }, signal);

  it('reports one that refuses or is not there, and never its login', async () => {
    const seen: string[] = [];
    const refusing = await through(await proxy(407, seen), 443);
    expect(refusing).toMatchObject({ problem: 'proxy-failure', proxy: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    expect(seen[0]).toContain(`Proxy-Authorization: Basic ${Buffer.from('robot:canary-proxy').toString('base64')}`);
    const dead = await through(await freePort(), 443);
    expect(dead).toMatchObject({ problem: 'proxy-failure', addresses: [{ status: 'connection-refused' }] });
    expect(JSON.stringify([refusing, dead])).not.toContain('canary');
  });
});

describe('a real registry over TLS', () => {
  it.each([
    ['good', 'tls-untrusted', false],
    ['good', undefined, true],
    ['expired', 'tls-expired', true],
    ['wrongName', 'tls-hostname', true],
  ] as const)('with the certificate %s: %s', async (which, problem, trusted) => {
    const registry = await startDockerRegistry({ tls: certificates[which] });
    const ca = trusted ? { ca: certificates.authority } : {};
    const ping = await createOciRegistry({ allowLoopback: true, env: {}, ...ca }).ping(registry.host, signal);
    const port = Number(registry.host.split(':')[1]);
    const report = await createSocketProber({ allowLoopback: true, env: {}, ...ca }).probe(
      { host: '127.0.0.1', port, tls: true, namedBy: 'image' },
      signal,
    );
    await registry.stop();
    expect(report.problem).toBe(problem);
    if (problem) expect(ping).toMatchObject({ status: 'unreachable', problem });
    else expect(ping).toMatchObject({ status: 'answers', scheme: 'https', isRegistry: true });
  });
});
