import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCredentials } from '../../src/cluster/credentials.ts';
import { loadKubeConfig } from '../../src/cluster/kubeconfig.ts';
import { createKubernetesCluster } from '../../src/cluster/kubernetes-cluster.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { podObject } from '../support/objects.ts';
import { socketServers } from '../support/socket-servers.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imagepull-credentials-'));
  return () => rm(folder, { recursive: true });
});
const file = (name: string) => join(folder, name);

const { listen, sockets } = socketServers();

/** An API server that takes whom `allows` says, and answers everything with one pod. */
async function apiServer(allows: (request: IncomingMessage) => boolean) {
  const seen: string[] = [];
  const respond = (request: IncomingMessage, response: ServerResponse) => {
    seen.push(request.headers.authorization ?? 'nobody');
    const status = allows(request) ? 200 : 401;
    response.writeHead(status).end(JSON.stringify(status === 200 ? podObject({}) : { kind: 'Status', message: 'Unauthorized' }));
  };
  const { certificate, key } = certificates.good;
  const options = { cert: readFileSync(certificate), key: readFileSync(key), requestCert: true, rejectUnauthorized: false };
  const port = await listen(createHttpsServer(options, respond));
  return { seen, server: `https://127.0.0.1:${port}` };
}

/** A cluster whose kubeconfig gives its user so. */
async function clusterFor(server: string, user: Record<string, unknown>, name = 'kubeconfig') {
  await writeFile(file('ca.pem'), certificates.authority);
  await writeFile(
    file(name),
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server, 'certificate-authority': 'ca.pem' } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  const access = { kubeconfig: file(name) };
  return createKubernetesCluster(await loadKubeConfig(access), { reload: () => loadKubeConfig(access) });
}
const read = (cluster: Awaited<ReturnType<typeof clusterFor>>) => cluster.readPod('shop', 'web-0');

/** A plugin that counts its runs in a file and prints what `body`, the inside of a function of that number, returns. */
async function plugin(body: string): Promise<Record<string, unknown>> {
  await writeFile(
    file('plugin.mjs'),
    `import { readFileSync, writeFileSync } from 'node:fs';
let run = 1;
try { run = Number(readFileSync(${JSON.stringify(file('runs'))}, 'utf8')) + 1; } catch {}
writeFileSync(${JSON.stringify(file('runs'))}, String(run));
const status = (() => { ${body} })();
process.stdout.write(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }));`,
  );
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [file('plugin.mjs')] } };
}
const runs = async () => Number(await readFile(file('runs'), 'utf8'));

describe('the credentials of an exec plugin', () => {
  it('are renewed when they end', async () => {
    // Each token has ended when the next request is made, and the server takes none a second time.
    const used = new Set<unknown>();
    const { server, seen } = await apiServer(({ headers }) => !used.has(headers.authorization) && used.add(headers.authorization).size > 0);
    const ended = "{ token: 'token-' + run, expirationTimestamp: new Date(Date.now() + 1).toISOString() }";
    const cluster = await clusterFor(server, await plugin(`return ${ended};`));
    for (let time = 0; time < 3; time += 1) await read(cluster);
    expect(await runs()).toBe(3);
    expect(seen).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-3']);
  });

  it('are asked for once by requests of one moment, and kept until they end', async () => {
    const { server } = await apiServer(() => true);
    const cluster = await clusterFor(server, await plugin("return { token: 'a', expirationTimestamp: '2999-01-01T00:00:00Z' };"));
    await Promise.all([read(cluster), read(cluster), read(cluster)]);
    await read(cluster);
    expect(await runs()).toBe(1);
  });

  it('are asked for again where the server no longer takes them, once', async () => {
    const { server, seen } = await apiServer(({ headers }) => headers.authorization === 'Bearer token-2');
    const cluster = await clusterFor(server, await plugin("return { token: 'token-' + Math.min(run, 2) };"));
    await read(cluster);
    expect(seen).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(cluster.requests()).toBe(2);
  });

  it('that are the same again are not sent again', async () => {
    const { server, seen } = await apiServer(() => false);
    const cluster = await clusterFor(server, await plugin("return { token: 'revoked' };"));
    await expect(read(cluster)).rejects.toMatchObject({
      code: 'cluster/unauthenticated',
      message: expect.stringContaining('log in again'),
    });
    expect(seen).toEqual(['Bearer revoked']);
  });

  it.each([
    ['fails', "if (run === 1) { console.error('\\nplease log in'); process.exit(3); } return { token: 'a' };", 'please log in'],
    ['says nothing of use', "return run === 1 ? undefined : { token: 'a' };", 'no credentials'],
  ])('are asked for again after a plugin that %s', async (_, body, why) => {
    const { server } = await apiServer(({ headers }) => headers.authorization === 'Bearer a');
    const cluster = await clusterFor(server, await plugin(body));
    await expect(read(cluster)).rejects.toMatchObject({ code: 'cluster/unauthenticated', message: expect.stringContaining(why) });
    await read(cluster);
  });

  it('are not waited for without end', async () => {
    const config = new KubeConfig();
    // Ends with the test's process, whose end of its standard input it reads.
    const args = ['-e', "process.stdin.resume().on('end', () => process.exit())"];
    config.loadFromClusterAndUser(
      { name: 'c', server: 'https://127.0.0.1:9', skipTLSVerify: false },
      { name: 'u', exec: { apiVersion: 'x', command: process.execPath, args } },
    );
    await expect(createCredentials(config, undefined, 50).forRequest()).rejects.toMatchObject({
      code: 'cluster/unauthenticated',
      message: expect.stringMatching(/^The credential plugin \S+ gave no credentials within 0\.05 s\.$/),
    });
  });

  it('cannot be had from a plugin that is not there, and the error names it', async () => {
    const cluster = await clusterFor('https://127.0.0.1:9', { exec: { apiVersion: 'x', command: 'no-such-plugin' } });
    await expect(read(cluster)).rejects.toMatchObject({
      code: 'cluster/unauthenticated',
      message: expect.stringContaining('the credential plugin no-such-plugin is not installed'),
    });
  });
});

describe('credentials in files', () => {
  it('a token file is read again when the server no longer takes its token', async () => {
    const { server, seen } = await apiServer(({ headers }) => headers.authorization === 'Bearer new');
    await writeFile(file('token'), 'old\n');
    const cluster = await clusterFor(server, { tokenFile: 'token' });
    await expect(read(cluster)).rejects.toMatchObject({ code: 'cluster/unauthenticated' });
    await writeFile(file('token'), 'new\n');
    await read(cluster);
    expect(seen).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
  });

  it('a kubeconfig that was written anew is read again when its token is refused, unless it leads elsewhere', async () => {
    const { server, seen } = await apiServer(({ headers }) => headers.authorization === 'Bearer new');
    const cluster = await clusterFor(server, { token: 'old' });
    await clusterFor('https://other.example', { token: 'canary' });
    await expect(read(cluster)).rejects.toMatchObject({ code: 'cluster/unauthenticated' });
    await clusterFor(server, { token: 'new' });
    await read(cluster);
    expect(seen).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
  });

  it('a client certificate that was replaced is shown from then on', async () => {
    const names: unknown[] = [];
    const { server } = await apiServer(({ socket }) => {
      names.push(socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : undefined);
      return true;
    });
    const copy = async (which: 'good' | 'wrongName') => {
      await writeFile(file('client.pem'), await readFile(certificates[which].certificate));
      await writeFile(file('client.key'), await readFile(certificates[which].key));
    };
    await copy('good');
    const cluster = await clusterFor(server, { 'client-certificate': 'client.pem', 'client-key': 'client.key' });
    await read(cluster);
    await copy('wrongName');
    await read(cluster);
    expect(names).toEqual(['good', 'wrong-name']);
  });
});

describe('the connection to an API server', () => {
  it('is kept open between requests', async () => {
    const { server } = await apiServer(() => true);
    const cluster = await clusterFor(server, { token: 'a' });
    await read(cluster);
    await read(cluster);
    expect(sockets.size).toBe(1);
  });

  it('that the server closed meanwhile is opened again, and nobody notices', async () => {
    const { server, seen } = await apiServer(() => true);
    const cluster = await clusterFor(server, { token: 'a' });
    await read(cluster);
    // Cut, not closed: whether the client knows before its next request is a matter of luck.
    for (const socket of sockets) socket.resetAndDestroy();
    await read(cluster);
    expect(seen).toHaveLength(2);
  });
});
