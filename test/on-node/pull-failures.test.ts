import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Symptom } from '../../src/diagnosis/message/pull-error.ts';
import { ANONYMOUS, type Credential } from '../../src/facts/credential.ts';
import type { NetworkProblem } from '../../src/facts/registry-answer.ts';
import { SecretText } from '../../src/facts/secret-text.ts';
import { createCriRuntime } from '../../src/node/cri/cri-runtime.ts';
import type { ContainerRuntime } from '../../src/node/cri/runtime.ts';
import { createHost } from '../../src/node/host.ts';
import { probe } from '../../src/node/probe/probe.ts';
import { type Certificates, makeCertificates, type ServerCertificate } from '../support/certificates.ts';
import { type RealContainerd, startContainerd } from '../support/containerd.ts';
import { startServer } from '../support/http-server.ts';
import { pushImage, pushIndex } from '../support/push-image.ts';
import { pushUnpackable } from '../support/push-layers.ts';
import { freePort, type RealRegistry, startDockerRegistry } from '../support/real-parts.ts';
import { classify } from '../support/rules.ts';
import { startTokenServer } from '../support/token-server.ts';

const PASSWORD = 'canary-Pm4-password';
/** `robot`, with another password. */
const HTPASSWD = 'robot:$2y$05$CPtTbEpv2XpTA9TzNHsgqOtTuZ9YzvzLHTSJqh7HvPuoCBSYIEqwy\n';
const ROBOT: Credential = { kind: 'basic', username: 'robot', password: new SecretText(PASSWORD) };

const stops: (() => Promise<unknown>)[] = [];
let certificates: Certificates;
let containerd: RealContainerd;
let runtime: ContainerRuntime;
let registry: RealRegistry;

beforeAll(async () => {
  certificates = await makeCertificates();
  const nobody = await freePort();
  // Loopback is never asked through a proxy, so this is for one name alone.
  containerd = await startContainerd({ env: { HTTPS_PROXY: `http://127.0.0.1:${nobody}`, NO_PROXY: 'registry.invalid' } });
  runtime = createCriRuntime(containerd.socket);
  registry = await startDockerRegistry();
  stops.push(certificates.remove, containerd.stop, async () => runtime.close(), registry.stop);
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

/** A docker-registry behind TLS, which containerd is told to ask so, and which authorities to trust. */
async function behindTls(certificate: ServerCertificate, trusted: boolean): Promise<string> {
  const { host, stop } = await startDockerRegistry({ tls: certificate });
  stops.push(stop);
  const ca = trusted ? `ca = "${containerd.folder}/certs.d/ca.pem"\n` : '';
  await containerd.configureRegistry('ca.pem', certificates.authority);
  await containerd.configureRegistry(`${host}/hosts.toml`, `server = "https://${host}"\n${ca}[host."https://${host}"]\n${ca}`);
  return `${host}/a:1`;
}

/** A server that answers every request alike. */
async function answering(status: number, body = ''): Promise<string> {
  const server = await startServer((_, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body));
  stops.push(server.stop);
  return `${server.host}/a:1`;
}

interface Kind {
  readonly name: string;
  readonly image: () => Promise<string> | string;
  readonly login?: Credential;
  readonly symptoms: readonly Symptom[];
  /** What a probe of the same image finds on its way, or the status of `/v2/`. */
  readonly probed?: NetworkProblem | number;
}

const KINDS: readonly Kind[] = [
  { name: 'a tag that is not there', image: () => `${registry.host}/shop/none:1`, symptoms: ['tag-not-found'] },
  {
    name: 'nobody on the port',
    image: async () => `127.0.0.1:${await freePort()}/a:1`,
    symptoms: ['connection-refused'],
    probed: 'connection-refused',
  },
  { name: 'a name that nobody knows', image: () => 'registry.invalid/a:1', symptoms: ['dns-failure'], probed: 'dns-failure' },
  { name: 'a proxy that is not there', image: () => 'registry.example/a:1', symptoms: ['proxy-error'] },
  {
    name: 'an unknown authority',
    image: () => behindTls(certificates.selfSigned, false),
    symptoms: ['tls-untrusted'],
    probed: 'tls-untrusted',
  },
  {
    name: 'a certificate that has expired',
    image: () => behindTls(certificates.expired, true),
    symptoms: ['tls-expired'],
    probed: 'tls-expired',
  },
  {
    name: 'a certificate for another name',
    image: () => behindTls(certificates.wrongName, true),
    symptoms: ['tls-hostname'],
    probed: 'tls-hostname',
  },
  {
    name: 'no login where one is needed',
    image: async () => {
      const { host, stop } = await startDockerRegistry({ htpasswd: HTPASSWD });
      stops.push(stop);
      return `${host}/a:1`;
    },
    symptoms: ['unauthorized'],
    probed: 401,
  },
  {
    name: 'a wrong login',
    login: ROBOT,
    image: async () => {
      const { host, stop } = await startDockerRegistry({ htpasswd: HTPASSWD });
      stops.push(stop);
      return `${host}/a:1`;
    },
    symptoms: ['unauthorized'],
  },
  {
    name: 'a repository that the login may not read',
    login: ROBOT,
    image: async () => {
      const tokens = await startTokenServer({ robot: PASSWORD }, () => []);
      const { host, stop } = await startDockerRegistry({ token: tokens });
      stops.push(tokens.stop, stop);
      return `${host}/shop/secret:1`;
    },
    symptoms: ['denied-or-missing'],
    probed: 401,
  },
  {
    name: 'no image for this platform',
    image: async () => {
      await pushIndex({ origin: `http://${registry.host}`, repository: 'shop/other' }, '1', ['s390x']);
      return `${registry.host}/shop/other:1`;
    },
    symptoms: ['platform-mismatch'],
  },
  {
    name: 'a configuration that does not fit its layers',
    image: async () => {
      await pushImage({ origin: `http://${registry.host}`, repository: 'shop/unfit' }, { tag: '1' });
      return `${registry.host}/shop/unfit:1`;
    },
    symptoms: ['unsupported-manifest'],
  },
  {
    name: 'a layer that is no archive',
    image: async () => {
      await pushUnpackable({ origin: `http://${registry.host}`, repository: 'shop/broken' }, '1', { seed: 'broken', broken: true });
      return `${registry.host}/shop/broken:1`;
    },
    symptoms: ['layer-corrupt'],
  },
  {
    name: 'too many requests',
    image: () => answering(429, '{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}'),
    symptoms: ['rate-limited'],
    probed: 429,
  },
  { name: 'a registry that is out of order', image: () => answering(503), symptoms: ['registry-unavailable'], probed: 503 },
  { name: 'a registry that forbids', image: () => answering(403), symptoms: ['forbidden'], probed: 403 },
  {
    name: 'a connection that is cut',
    image: async () => {
      const server = await startServer((request) => request.socket.destroy());
      stops.push(server.stop);
      return `${server.host}/a:1`;
    },
    symptoms: ['connection-reset'],
  },
  { name: 'a name in capitals', image: () => `${registry.host}/Shop/web:1`, symptoms: ['invalid-reference'] },
];

/** The problem on the way to the image's registry, else the status that it greets with. */
async function foundByProbe(image: string): Promise<unknown> {
  const machine = createHost('/');
  const { ways } = await probe(image, {
    openRuntime: async () => createCriRuntime(containerd.socket),
    // containerd 2 does not tell where its registries are configured; its own file does.
    host: { ...machine, text: (path) => machine.text(path === '/etc/containerd/config.toml' ? `${containerd.folder}/config.toml` : path) },
    allowLoopback: true,
    timeoutMs: 60_000,
    now: () => new Date(),
    signal: new AbortController().signal,
  });
  const [way] = ways;
  const { problem } = way?.endpoint ?? {};
  if (problem !== undefined && problem !== 'plain-http') return problem;
  return way?.greeting?.status === 'answered' ? way.greeting.http : way?.greeting?.problem;
}

describe("a pull that fails on a real containerd, in the runtime's own words", () => {
  it.each(KINDS)('$name', async ({ image: prepared, login, symptoms, probed }) => {
    const image = await prepared();
    const pulled = await runtime.pull(image, login ?? ANONYMOUS.credential, { timeoutMs: 120_000 });
    if (pulled.status !== 'failed') throw new Error(`it is ${pulled.status}`);
    expect(symptoms, pulled.message).toContain(classify(pulled.message).symptom);
    expect(pulled.message).not.toContain('canary');
    expect(await runtime.images()).toEqual([]);
    if (probed !== undefined) expect(await foundByProbe(image)).toBe(probed);
  });

  it('comes in at least twelve kinds', () => {
    expect(new Set(KINDS.flatMap(({ symptoms }) => symptoms)).size).toBeGreaterThanOrEqual(12);
  });

  it('ends in time where the registry says nothing', async () => {
    const server = await startServer(() => undefined);
    stops.push(server.stop);
    expect(await runtime.pull(`${server.host}/a:1`, ANONYMOUS.credential, { timeoutMs: 500 })).toEqual({ status: 'timed-out' });
  });
});
