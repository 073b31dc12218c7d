import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import { type SlackServer, startSlack } from '../../src/demo/slack/slack-server.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { connectProxy } from '../support/connect-proxy.ts';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';
import { freePort } from '../support/real-parts.ts';
import { socketServers } from '../support/socket-servers.ts';

// Slack's name here is other.example, over TLS, with a certificate of an authority that only NODE_EXTRA_CA_CERTS tells of.
let certificates: Certificates;
let slack: SlackServer;
let folder: string;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());
beforeEach(async () => {
  slack = await startSlack({ burst: 50, limitMs: PATIENCE_MS, socketUrl: 'wss://other.example/socket' });
  folder = await mkdtemp(join(tmpdir(), 'imagepull-proxy-'));
  await writeFile(join(folder, 'authority.pem'), certificates.authority);
  await writeFile(join(folder, 'kubeconfig'), kubeconfigFor('http://127.0.0.1:1'));
  await writeFile(
    join(folder, 'config.yaml'),
    `clusters: [{ name: prod, kubeconfig: ${join(folder, 'kubeconfig')}, kubelet: off }]\nhttp: { host: 127.0.0.1, privatePort: 0 }\nslack: { apiUrl: 'https://other.example/api/' }\n`,
  );
});
const children = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  children.clear();
  await slack.stop();
  await rm(folder, { recursive: true });
});

const { listen, watch } = socketServers();

/** Ends TLS in front of the stand-in. */
function tlsFront(): Promise<number> {
  const { certificate, key } = certificates.wrongName;
  const port = Number(new URL(slack.apiUrl).port);
  return listen(
    createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (socket) => {
      const onward = connect(port, '127.0.0.1');
      watch(onward);
      socket.on('error', () => onward.destroy());
      socket.pipe(onward).pipe(socket);
    }),
  );
}

async function proxyTo(leadTo: (host: string) => number | string) {
  const { server, heads } = connectProxy(leadTo);
  return { url: `http://robot:canary-proxy@127.0.0.1:${await listen(server)}`, heads };
}

/** `imagepull serve` in a process of its own. */
function serve(environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['src/cli.ts', 'serve', '--config', join(folder, 'config.yaml')], {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem'),
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  return { child, exit: once(child, 'exit'), said: () => said };
}

describe('Slack behind a proxy', () => {
  it.each(['HTTPS_PROXY', 'HTTPS_PROXY_FILE'])(
    'is reached by its Web API and in Socket Mode, and again when the connection is cut, by %s',
    async (name) => {
      const front = await tlsFront();
      const { url, heads } = await proxyTo(() => front);
      await writeFile(join(folder, 'proxy'), `${url}\n`);
      const { child, exit, said } = serve({ [name]: name === 'HTTPS_PROXY' ? url : join(folder, 'proxy') });
      await eventually(() => expect(said()).toContain('"msg":"serving"'));
      expect(slack.connected()).toBe(1);
      expect(heads.length).toBeGreaterThanOrEqual(2);
      for (const head of heads) {
        expect(head).toMatch(/^CONNECT other\.example:443 /);
        expect(head).toContain(`Proxy-Authorization: Basic ${Buffer.from('robot:canary-proxy').toString('base64')}`);
      }
      slack.disconnectSockets();
      await eventually(() => expect(slack.connected()).toBe(1));
      child.kill('SIGTERM');
      expect(await exit).toEqual([0, null]);
      expect(said()).not.toContain('canary');
    },
  );

  it.each<[string, () => Promise<Record<string, string>>, string]>([
    [
      'a proxy that requires authentication',
      async () => ({ HTTPS_PROXY: (await proxyTo(() => '407 Proxy Authentication Required')).url }),
      'the proxy requires authentication (407)',
    ],
    ['no proxy where one should be', async () => ({ HTTPS_PROXY: `http://127.0.0.1:${await freePort()}` }), 'connection refused'],
    [
      'an authority that is not known here',
      async () => {
        const front = await tlsFront();
        return { HTTPS_PROXY: (await proxyTo(() => front)).url, NODE_EXTRA_CA_CERTS: '' };
      },
      'signed by an authority that is not trusted here (NODE_EXTRA_CA_CERTS=FILE adds an authority)',
    ],
  ])('cannot be reached through %s, which the error says, with exit code 4', async (_, environment, why) => {
    const { exit, said } = serve(await environment());
    expect(await exit).toEqual([4, null]);
    expect(said()).toContain('Slack cannot be reached: other.example');
    expect(said()).toContain(why);
    expect(said()).not.toContain('canary');
  });

  it('is not looked for through a proxy of a kind nobody knows: the configuration is wrong', async () => {
    const { exit, said } = serve({ HTTPS_PROXY: 'gopher://user:canary@proxy.example' });
    expect(await exit).toEqual([2, null]);
    expect(said()).toContain('HTTPS_PROXY names a gopher proxy');
    expect(said()).not.toContain('canary');
  });

  it('is not served where only its WebSockets are refused', async () => {
    await slack.stop();
    slack = await startSlack({ socketUrl: 'wss://sockets.example/socket' });
    const front = await tlsFront();
    const { url } = await proxyTo((host) => (host === 'other.example' ? front : '403 Forbidden'));
    const { exit, said } = serve({ HTTPS_PROXY: url });
    expect(await exit).toEqual([4, null]);
    expect(said()).toMatch(/Slack cannot be reached: sockets\.example through the proxy 127\.0\.0\.1:\d+: the proxy refuses \(403\)\./);
  });
});
