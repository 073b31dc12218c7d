import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCriRuntime } from '../../src/node/cri/cri-runtime.ts';
import { ProbeDocument } from '../../src/node/document.ts';
import { createHost } from '../../src/node/host.ts';
import { probe } from '../../src/node/probe/probe.ts';
import { type Certificates, makeCertificates, type ServerCertificate } from '../support/certificates.ts';
import { connectProxy } from '../support/connect-proxy.ts';
import { startCriServer } from '../support/cri-server.ts';
import { testServers } from '../support/greeting-registry.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'imagepull-host-'));
});
const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
  await rm(root, { recursive: true });
});

const { registry } = testServers();
const NOW = new Date('2026-03-01T10:00:00Z');

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** A registry behind TLS whose clock shows a time. */
async function secure({ certificate, key }: ServerCertificate, date = NOW): Promise<string> {
  const server: Server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (_, response) => {
    response
      .writeHead(401, { date: date.toUTCString(), 'www-authenticate': 'Bearer realm="https://auth.example/token?secret=canary"' })
      .end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The document of a probe, as it would be printed. */
async function probed(image: string, given: { readonly socket?: string; readonly allowLoopback?: boolean } = {}) {
  const found = await probe(image, {
    openRuntime: async () => createCriRuntime(given.socket ?? '/nowhere/x.sock'),
    host: createHost(root),
    allowLoopback: given.allowLoopback ?? true,
    timeoutMs: 60_000,
    now: () => NOW,
    signal: new AbortController().signal,
  });
  return ProbeDocument.parse({ schemaVersion: 1, kind: 'probe', at: NOW.toISOString(), ...found });
}

describe('a probe from the node', () => {
  it('judges certificates by the bundle of the node, not by that of this program', async () => {
    const host = await secure(certificates.good);
    await put('/etc/ssl/certs/ca-certificates.crt', await readFile(certificates.selfSigned.certificate, 'utf8'));
    expect((await probed(`${host}/a:1`)).ways[0]?.endpoint).toMatchObject({ problem: 'tls-untrusted' });
    await put('/etc/ssl/certs/ca-certificates.crt', certificates.authority);
    const document = await probed(`${host}/a:1`);
    expect(document.ways[0]).toMatchObject({
      of: 'registry',
      endpoint: { tls: { status: 'trusted' } },
      greeting: { status: 'answered', http: 401, clockAheadMs: 0, challenge: expect.stringContaining('Bearer realm=') },
    });
    expect(JSON.stringify(document)).not.toContain('canary');
  });

  it('trusts for a registry what its configuration says', async () => {
    const host = await secure(certificates.good);
    await put('/etc/ssl/certs/ca-certificates.crt', await readFile(certificates.selfSigned.certificate, 'utf8'));
    await put(`/etc/containerd/certs.d/${host}/hosts.toml`, `[host."https://${host}"]\nca = "ca.pem"\n`);
    await put(`/etc/containerd/certs.d/${host}/ca.pem`, certificates.authority);
    const { ways } = await probed(`${host}/a:1`);
    expect(ways).toMatchObject([{ of: 'registry', endpoint: { tls: { status: 'trusted' } } }]);
  });

  it('hears the time of a registry whose certificate seems to have expired', async () => {
    const host = await secure(certificates.expired, new Date(NOW.getTime() - 86_400_000));
    await put('/etc/ssl/certs/ca-certificates.crt', certificates.authority);
    expect((await probed(`${host}/a:1`)).ways[0]).toMatchObject({
      endpoint: { problem: 'tls-expired' },
      greeting: { status: 'answered', clockAheadMs: 86_400_000 },
    });
  });

  it('goes to the mirrors as well', async () => {
    const own = await registry((_, response) => response.end());
    const mirror = await registry((_, response) => response.end(), 'Basic realm="m"');
    await put(`/etc/containerd/certs.d/${own.host}/hosts.toml`, `server = "http://${own.host}"\n[host."http://${mirror.host}"]\n`);
    const { ways } = await probed(`${own.host}/a:1`);
    expect(ways.map(({ of, url, greeting }) => [of, url, greeting?.status === 'answered' && greeting.http])).toEqual([
      ['registry', `http://${own.host}`, 200],
      ['mirror', `http://${mirror.host}`, 401],
    ]);
  });

  it('goes through the proxy of the runtime', async () => {
    const host = await secure(certificates.good);
    const { server, heads } = connectProxy(() => Number(host.split(':')[1]));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    running.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    await put('/etc/default/containerd', `HTTPS_PROXY=http://u:canary@127.0.0.1:${port}\n`);
    await put('/etc/resolv.conf', 'nameserver 127.0.0.2\n');
    const document = await probed('registry.example/a:1');
    expect(document.ways[0]).toMatchObject({
      endpoint: { proxy: `127.0.0.1:${port}`, tls: { status: 'untrusted' } },
      greeting: { http: 401 },
    });
    expect(heads.length).toBe(2);
    expect(document.names?.resolvers).toMatchObject([{ server: '127.0.0.2', status: 'no-answer' }]);
    expect(JSON.stringify(document)).not.toContain('canary');
  });

  it('asks no address that may not be asked', async () => {
    const own = await registry((_, response) => response.end());
    const [way] = (await probed(`${own.host}/a:1`, { allowLoopback: false })).ways;
    expect(way).toMatchObject({ endpoint: { problem: 'address-refused' } });
    expect(way?.greeting).toBeUndefined();
    expect(own.requests).toEqual([]);
  });

  it('tells conditions and room of the runtime, or why it cannot', async () => {
    const cri = await startCriServer('containerd', { mountpoint: '/images' });
    running.push(cri.stop);
    await mkdir(join(root, 'images'));
    const { runtime, filesystems } = await probed('127.0.0.1:1/a:1', { socket: cri.socket });
    expect(runtime).toMatchObject({ status: 'answered', name: 'containerd', conditions: [{ type: 'RuntimeReady', ok: true }] });
    expect(filesystems).toMatchObject([{ of: 'images', mountpoint: '/images', room: { totalBytes: expect.any(Number) } }]);
    expect((await probed('127.0.0.1:1/a:1')).runtime).toMatchObject({ status: 'failed', code: 'node/unreachable' });
  });
});
