import { describe, expect, it } from 'vitest';
import { pullHistory } from '../../src/diagnosis/pod/pull-history.ts';
import type { EndpointReport } from '../../src/facts/endpoint.ts';
import type { NetworkProblem, Ping } from '../../src/facts/registry-answer.ts';
import type { Endpoint } from '../../src/network/endpoint-prober.ts';
import { probeEndpoint } from '../../src/steps/probe-endpoint.ts';
import { type Script, scriptedRegistry } from '../support/fake-registry.ts';
import { podObject } from '../support/objects.ts';
import { probeContext } from '../support/probe-context.ts';
import { classify } from '../support/rules.ts';

const leaf = {
  subject: 'registry.example',
  issuer: 'Corp CA',
  validFrom: '2026-01-01T00:00:00.000Z',
  validTo: '2027-01-01T00:00:00.000Z',
  names: ['registry.example'],
};
const chain = [leaf];
const report = (given: Partial<EndpointReport> = {}): EndpointReport => ({
  host: 'registry.example',
  port: 443,
  dns: { status: 'resolved', milliseconds: 3 },
  addresses: [{ address: '192.0.2.7', status: 'open', milliseconds: 12 }],
  tls: { status: 'trusted', chain, milliseconds: 20 },
  ...given,
});

async function probe(given: {
  report?: (host: string, port: number) => EndpointReport;
  ping?: Script['ping'];
  image?: string;
  message?: string;
}) {
  const image = given.image ?? 'registry.example/shop/web:1';
  const pod = podObject({ image, waiting: { reason: 'ErrImagePull', message: given.message ?? `${image}: not found` } });
  const probed: string[] = [];
  const named: string[] = [];
  const prober = {
    probe: async ({ host, port, tls, namedBy }: Endpoint) => {
      probed.push(`${tls ? 'tls' : 'tcp'} ${host}:${port}`);
      named.push(namedBy);
      return given.report?.(host, port) ?? report({ host, port });
    },
  };
  const context = probeContext(pod, { prober, registry: scriptedRegistry(given.ping ? { ping: given.ping } : {}) });
  const { failures } = pullHistory(context.target, [], classify, context.now);
  const result = await probeEndpoint({ ...context, failures });
  expect(JSON.stringify(result)).not.toContain('canary');
  return { ...result, probed, named, codes: result.findings.map(({ code }) => code), says: result.findings.map(({ says }) => says) };
}
const greeting = (given: Partial<Extract<Ping, { status: 'answers' }>> = {}) =>
  ({ host: 'registry.example', status: 'answers', scheme: 'https', httpStatus: 200, isRegistry: true, ...given }) as const;

describe('the way to a registry', () => {
  it('is fine, with timings and from where it was tried', async () => {
    const { says, probed } = await probe({ ping: greeting() });
    expect(probed).toEqual(['tls registry.example:443']);
    expect(says).toEqual(['From where imagepull runs, the registry registry.example:443 answers (DNS 3 ms, TCP 12 ms, TLS 20 ms).']);
  });

  it("leads to Docker Hub's API host and to the token server that it names", async () => {
    const { probed, named } = await probe({
      image: 'nginx',
      ping: greeting({ httpStatus: 401, challenge: { scheme: 'bearer', realm: 'https://auth.docker.io/token' } }),
    });
    expect(probed).toEqual(['tls registry-1.docker.io:443', 'tls auth.docker.io:443']);
    expect(named).toEqual(['image', 'answer']);
  });

  it('leads to the mirror that failed as well', async () => {
    const { probed, named } = await probe({
      image: 'nginx',
      message:
        'failed to do request: Head "https://mirror.example:5000/v2/library/nginx/manifests/latest?ns=docker.io": dial tcp 192.0.2.9:5000: connect: connection refused',
    });
    expect(probed).toEqual(['tls registry-1.docker.io:443', 'tls mirror.example:5000']);
    expect(named).toEqual(['image', 'answer']);
  });

  it.each<[NetworkProblem, Partial<EndpointReport>, string, string]>([
    [
      'dns-failure',
      { dns: { status: 'failed', because: 'the name cannot be resolved', milliseconds: 5 }, addresses: [] },
      'endpoint/dns-failure',
      'registry.example cannot be resolved either: the name cannot be resolved.',
    ],
    [
      'timeout',
      { addresses: [{ address: '192.0.2.7', status: 'timeout' }] },
      'endpoint/timeout',
      'registry.example:443 does not answer either (192.0.2.7: no answer).',
    ],
    [
      'connection-refused',
      { addresses: [{ address: '192.0.2.7', status: 'connection-refused' }] },
      'endpoint/connection-refused',
      'refuses the connection too (192.0.2.7: connection refused).',
    ],
    [
      'connection-reset',
      { tls: { status: 'failed', because: 'the handshake fails (X)' } },
      'endpoint/connection-reset',
      'cuts the connection: the handshake fails (X).',
    ],
    [
      'timeout',
      { tls: { status: 'silent', because: 'the TLS handshake gets no answer in time' } },
      'endpoint/timeout',
      'registry.example:443 takes the connection and then says nothing either: the TLS handshake gets no answer in time.',
    ],
    [
      'unreachable',
      { addresses: [{ address: '192.0.2.7', status: 'unreachable' }] },
      'endpoint/unreachable',
      'no route to registry.example:443',
    ],
    [
      'tls-untrusted',
      { tls: { status: 'untrusted', because: 'its issuer Corp CA is not trusted here', chain, milliseconds: 1 } },
      'endpoint/tls-untrusted',
      'issued to registry.example by Corp CA',
    ],
    [
      'tls-expired',
      { tls: { status: 'expired', because: 'it ended at 2026-01-31', chain, milliseconds: 1 } },
      'endpoint/tls-expired',
      'is out of date: it ended at 2026-01-31',
    ],
    [
      'tls-hostname',
      { tls: { status: 'wrong-name', because: 'registry.example is not among its names: other.example', chain, milliseconds: 1 } },
      'endpoint/tls-hostname',
      'is for another name: registry.example is not among its names: other.example',
    ],
    [
      'plain-http',
      { tls: { status: 'not-tls', because: 'it answers in plain HTTP' } },
      'endpoint/plain-http',
      'registry.example:443 speaks plain HTTP on that port, not HTTPS.',
    ],
    [
      'proxy-failure',
      { proxy: 'proxy.example:3128' },
      'endpoint/proxy-failure',
      'the proxy proxy.example:3128 does not let registry.example:443 be reached',
    ],
    [
      'address-refused',
      { addresses: [{ address: '169.254.169.254', status: 'refused-by-guard', because: 'it is a cloud metadata service' }] },
      'endpoint/address-refused',
      'imagepull does not connect to registry.example:443 (169.254.169.254): it is a cloud metadata service.',
    ],
  ])('fails with %s', async (problem, given, code, text) => {
    const { codes, says, findings } = await probe({ report: () => report({ ...given, problem }) });
    expect(codes).toEqual([code]);
    expect(says[0]).toContain(text);
    expect(findings[0]?.evidence[0]).toMatchObject({ source: 'endpoint', vantage: 'bot' });
  });

  it('fails with all that is wrong with a certificate, so that nobody mends one thing to meet the next', async () => {
    const also = [
      { status: 'expired', because: 'it ended at 2026-01-31' },
      { status: 'wrong-name', because: 'registry.example is not among its names: other.example' },
    ] as const;
    const tls = { status: 'untrusted', because: 'its issuer Corp CA is not trusted here', also, chain, milliseconds: 1 } as const;
    const { codes, says, findings } = await probe({ report: () => report({ tls, problem: 'tls-untrusted' }) });
    expect(codes).toEqual(['endpoint/tls-untrusted', 'endpoint/tls-expired', 'endpoint/tls-hostname']);
    expect(says[1]).toContain('is out of date: it ended at 2026-01-31');
    expect(says[2]).toContain('is for another name: registry.example is not among its names: other.example');
    expect(findings[0]?.evidence[0]?.text).toContain('and wrong-name (registry.example is not among its names');
  });

  it.each([
    ['ended', [{ ...leaf, validTo: '2026-01-31T00:00:00.000Z' }], { expired: 'on 31 Jan' }],
    ['did not begin yet', [{ ...leaf, validFrom: '2026-04-01T00:00:00.000Z' }], undefined],
    ['is fine, and that of its issuer ended', [leaf, { ...leaf, validTo: '2026-01-31T00:00:00.000Z' }], undefined],
  ])('names the day where the certificate %s', async (_, shown, names) => {
    const tls = { status: 'expired', because: 'x', chain: shown, milliseconds: 1 } as const;
    const { findings } = await probe({ report: () => report({ tls, problem: 'tls-expired' }) });
    expect(findings[0]?.names).toEqual(names);
  });

  it.each<[string, Script['ping'], string]>([
    ['a server error', greeting({ httpStatus: 503 }), 'endpoint/failing'],
    ['a page', greeting({ isRegistry: false }), 'endpoint/not-a-registry'],
    [
      'nonsense',
      { host: 'registry.example', status: 'unusable', because: 'it answers with something that is not HTTP' },
      'endpoint/not-a-registry',
    ],
    ['nothing, as it was asked too often', { host: 'registry.example', status: 'not-asked', because: 'x' }, 'endpoint/answers'],
  ])('ends at %s', async (_, ping, code) => {
    expect((await probe({ ping })).codes).toEqual([code]);
  });

  it('is plain HTTP on loopback, as runtimes have it', async () => {
    const { codes } = await probe({
      image: '127.0.0.1:5000/web:1',
      report: (host, port) => report({ host, port, problem: 'plain-http', tls: { status: 'not-tls', because: 'x' } }),
      ping: greeting({ scheme: 'http' }),
    });
    expect(codes).toEqual(['endpoint/answers']);
  });

  it.each(['127.evil.example', 'localhost.evil.example', 'registry.example'])(
    'is no plain HTTP on loopback for the name %s',
    async (host) => {
      const { codes } = await probe({
        image: `${host}:5000/web:1`,
        report: (_, port) => report({ host, port, problem: 'plain-http', tls: { status: 'not-tls', because: 'x' } }),
        ping: greeting({ scheme: 'http' }),
      });
      expect(codes).toEqual(['endpoint/plain-http']);
    },
  );

  it('speaks TLS where the runtime may have asked in plain HTTP', async () => {
    const { codes } = await probe({ message: 'unexpected status code 400 Bad Request' });
    expect(codes).toEqual(['endpoint/answers', 'endpoint/speaks-tls']);
  });

  it('will soon be closed by a certificate that ends', async () => {
    const soon = [{ ...leaf, validTo: '2026-03-05T10:10:00.000Z' }];
    const { says } = await probe({ report: () => report({ tls: { status: 'trusted', chain: soon, milliseconds: 1 } }) });
    expect(says[1]).toBe('The certificate of registry.example:443 ends in 4 d, at 2026-03-05T10:10:00.000Z.');
  });
});

it('a server that hangs delays nothing else and is a shortfall', async () => {
  const stop = new AbortController();
  const pod = podObject({ image: 'registry.example/shop/web:1', waiting: { reason: 'ErrImagePull', message: 'x' } });
  const prober = {
    probe: (_: unknown, signal: AbortSignal) =>
      new Promise<never>((__, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  };
  const running = probeEndpoint(probeContext(pod, { prober, registry: scriptedRegistry({}), signal: stop.signal }));
  stop.abort();
  expect(await running).toEqual({ findings: [], shortfall: 'registry.example could not be tried in time.' });
});
