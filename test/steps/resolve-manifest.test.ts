import { describe, expect, it } from 'vitest';
import { pullHistory } from '../../src/diagnosis/pod/pull-history.ts';
import { CodedError } from '../../src/errors.ts';
import { Node, Secret } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { resolveManifest } from '../../src/steps/resolve-manifest.ts';
import { type Script, scriptedRegistry } from '../support/fake-registry.ts';
import { podObject } from '../support/objects.ts';
import { probeContext } from '../support/probe-context.ts';
import { classify } from '../support/rules.ts';

const IMAGE = 'registry.example/shop/web:1.27';
const LOGIN = 'the login of robot in secret regcred (registry.example)';
const secret = Secret.parse({
  metadata: { name: 'regcred', namespace: 'shop' },
  type: 'kubernetes.io/dockerconfigjson',
  data: {
    '.dockerconfigjson': Buffer.from(
      JSON.stringify({ auths: { 'registry.example': { username: 'robot', password: 'canary-password' } } }),
    ).toString('base64'),
  },
});
const node = Node.parse({
  metadata: { name: 'node-1' },
  status: {
    nodeInfo: { operatingSystem: 'linux', architecture: 'amd64' },
    addresses: [
      { type: 'ExternalIP', address: '192.0.2.9' },
      { type: 'Hostname', address: 'node-1' },
    ],
  },
});
const found = { status: 'found', content: { kind: 'opaque' } } as const;
const image = {
  status: 'found',
  content: { kind: 'image', bytes: 84_200_000, layers: 5, digests: [`sha256:${'b'.repeat(64)}`], configType: 'x' },
} as const;
const unauthorized = { status: 'unauthorized', by: 'registry' } as const;
const missing = (what: 'tag' | 'repository' | 'unknown') => ({ status: 'missing', what }) as const;

async function resolve(
  script: Script,
  given: {
    readonly image?: string;
    readonly login?: boolean;
    readonly message?: string;
    readonly spec?: Record<string, unknown>;
    readonly mayReadSecrets?: boolean;
  } = {},
) {
  const name = given.image ?? IMAGE;
  const pod = podObject({
    image: name,
    waiting: { reason: 'ErrImagePull', message: given.message ?? `${name}: not found` },
    pullSecrets: given.login ? ['regcred'] : [],
    ...(given.spec ? { spec: given.spec } : {}),
  });
  const registry = scriptedRegistry(script);
  const context = probeContext(pod, {
    recording: { secrets: [secret], nodes: [node] },
    registry,
    mayReadSecrets: given.mayReadSecrets ?? true,
  });
  const { failures } = pullHistory(context.target, [], classify, context.now);
  const result = await resolveManifest({ ...context, failures });
  expect(JSON.stringify(result)).not.toContain('canary');
  expect(registry.requests()).toBeLessThanOrEqual(6);
  return { ...result, asked: registry.asked, codes: result.findings.map((finding) => finding.code) };
}

describe('the registry is asked for an image', () => {
  it('as nobody first, and for what it must pull', async () => {
    const { asked, codes, findings, sizes } = await resolve({ manifest: (_, how) => (how === 'head' ? found : image) });
    expect(asked).toEqual(['ping registry.example', 'head manifest as anonymous', 'get manifest as anonymous']);
    expect(codes).toEqual(['registry/exists', 'registry/public', 'registry/image-size']);
    expect(findings[2]?.says).toBe(`${IMAGE} is 84.2 MB to pull, compressed, in 5 layers.`);
    expect(sizes).toEqual([{ container: 'app', image: IMAGE, bytes: 84_200_000 }]);
  });

  it('with the login that the kubelet would send, by GET, which tells all at once', async () => {
    const { asked, codes } = await resolve({ manifest: (account) => (account === 'anonymous' ? unauthorized : image) }, { login: true });
    expect(asked).toEqual(['ping registry.example', 'head manifest as anonymous', `get manifest as ${LOGIN}`]);
    expect(codes).toEqual(['registry/exists', 'registry/credential-works', 'registry/image-size']);
  });

  it('never with a login when secrets must not be read, and says so', async () => {
    const { asked, codes, shortfall } = await resolve({ manifest: () => unauthorized }, { login: true, mayReadSecrets: false });
    expect(asked).toEqual(['ping registry.example', 'head manifest as anonymous']);
    expect(codes).toEqual(['registry/login-needed']);
    expect(shortfall).toContain('secrets are not to be read');
  });

  it('and for its tags when it is missing, as whoever got furthest', async () => {
    const { asked, codes, findings } = await resolve(
      {
        manifest: (account) => (account === 'anonymous' ? unauthorized : missing('tag')),
        tags: () => ({ status: 'found', tags: ['1.27.3', '1.26', 'latest'], complete: true }),
      },
      { login: true },
    );
    expect(asked.at(-1)).toBe(`tags as ${LOGIN}`);
    expect(codes).toEqual(['registry/tag-missing', 'registry/similar-tags']);
    expect(findings[1]?.says).toBe(
      'shop/web has 3 tags. Nearest to 1.27: 1.27.3 (is a release of this version), 1.26 (is another minor version).',
    );
  });

  it('whose list of tags tells a missing repository from a missing tag', async () => {
    const without = { manifest: () => missing('unknown') };
    expect((await resolve({ ...without, tags: () => missing('repository') })).codes).toEqual(['registry/repository-missing']);
    // An empty list proves nothing: some registries give one for whatever they do not have.
    expect((await resolve({ ...without, tags: () => ({ status: 'found', tags: [], complete: true }) })).codes).toEqual([
      'registry/missing',
      'registry/similar-tags',
    ]);
    expect((await resolve({ ...without, tags: () => unauthorized })).codes).toEqual(['registry/missing']);
  });

  it('for a platform, and for the size of that platform', async () => {
    const index = {
      status: 'found',
      content: { kind: 'index', members: [{ digest: 'sha256:amd', platform: { os: 'linux', architecture: 'amd64' } }] },
    } as const;
    const offered = await resolve({ manifest: (_, how, digest) => (digest ? image : how === 'head' ? found : index) });
    expect(offered.asked.at(-1)).toBe('get sha256:amd as anonymous');
    expect(offered.codes).toEqual(['registry/exists', 'registry/public', 'registry/platform-offered', 'registry/image-size']);
    const arm = {
      status: 'found',
      content: { kind: 'index', members: [{ digest: 'sha256:arm', platform: { os: 'linux', architecture: 'arm64' } }] },
    } as const;
    expect((await resolve({ manifest: () => arm })).codes).toEqual(['registry/exists', 'registry/public', 'registry/platform-missing']);
  });

  it('for the layer that the message names', async () => {
    const digest = `sha256:${'b'.repeat(64)}`;
    const { asked, codes } = await resolve(
      { manifest: (_, how) => (how === 'head' ? found : image), blob: () => missing('unknown') },
      { message: `failed commit on ref "layer-${digest}": unexpected commit digest ${digest}` },
    );
    expect(asked).toContain(`blob ${digest}`);
    expect(codes).toContain('registry/blob-missing');
  });

  it('at Docker Hub by HEAD only, since GET is counted', async () => {
    const { asked } = await resolve({ manifest: () => found }, { image: 'nginx:1.27' });
    expect(asked).toEqual(['ping docker.io', 'head manifest as anonymous']);
    const { asked: content } = await resolve(
      { manifest: () => found },
      { image: 'nginx:1.27', message: 'no match for platform in manifest: not found' },
    );
    expect(content.at(-1)).toBe('get manifest as anonymous');
  });

  it('and its limit is told when little is left', async () => {
    const { findings } = await resolve(
      { manifest: () => ({ ...found, rateLimit: { limit: 100, remaining: 3, windowSeconds: 21_600, source: '192.0.2.7' } }) },
      { image: 'nginx:1.27' },
    );
    expect(findings.at(-1)).toMatchObject({
      code: 'registry/rate-limit-low',
      says: 'docker.io has 3 of 100 pulls in 6 h left for anonymous. It counts 192.0.2.7.',
    });
  });
});

describe('a limit on imagepull', () => {
  const limited = (source?: string) =>
    ({
      status: 'rate-limited',
      by: 'registry',
      rateLimit: { limit: 100, remaining: 0, ...(source === undefined ? {} : { source }) },
    }) as const;
  const message =
    'unexpected status from HEAD request to https://registry.example/v2/shop/web/manifests/1.27: 429 Too Many Requests: too many pulls from 198.51.100.7';

  it("is the node's own when it is on the login that the node sends", async () => {
    const { codes, findings } = await resolve(
      { manifest: (account) => (account === 'anonymous' ? unauthorized : limited()) },
      { login: true, message },
    );
    expect(codes).toContain('registry/login-rate-limited');
    expect(codes).not.toContain('registry/rate-limited');
    expect(findings.find(({ code }) => code === 'registry/login-rate-limited')?.says).toBe(
      `registry.example limits ${LOGIN}, which the node sends as well (429).`,
    );
  });

  it("is the node's own when it is on an address that the node has, or that its runtime was told of", async () => {
    for (const source of ['192.0.2.9', '198.51.100.7'])
      expect((await resolve({ manifest: () => limited(source) }, { message })).codes, source).toEqual([
        'registry/same-address-rate-limited',
        'registry/rate-limit-low',
      ]);
  });

  it('says nothing certain about the node when it is on another address, or on nobody named', async () => {
    for (const source of ['203.0.113.4', undefined]) {
      const { codes } = await resolve({ manifest: () => limited(source) }, { message });
      expect(codes, source).toContain('registry/rate-limited');
      expect(codes, source).not.toContain('registry/same-address-rate-limited');
    }
  });
});

describe('what cannot be asked', () => {
  it('because a login was not tried is a shortfall, and nothing is said of the login', async () => {
    const because = 'the login was not tried, since the token server tokens.example is another host than registry.example';
    const { codes, shortfall } = await resolve(
      { manifest: (account) => (account === 'anonymous' ? unauthorized : { status: 'not-asked', because }) },
      { login: true },
    );
    expect(codes).toEqual([]);
    expect(shortfall).toBe(`registry.example was not asked for ${IMAGE} as ${LOGIN}: ${because}.`);
  });

  it('is a shortfall, and the rest goes on', async () => {
    const other = 'other.example/shop/api:1';
    const pod = podObject({
      image: IMAGE,
      spec: {
        containers: [
          { name: 'app', image: IMAGE },
          { name: 'api', image: other },
        ],
      },
      status: {
        phase: 'Pending',
        containerStatuses: ['app', 'api'].map((name) => ({
          name,
          image: '',
          imageID: '',
          restartCount: 0,
          state: { waiting: { reason: 'ErrImagePull', message: 'x' } },
        })),
      },
    });
    const good = scriptedRegistry({ manifest: (_, how) => (how === 'head' ? found : image) });
    const stop = new AbortController();
    const hanging = {
      ...good,
      ping: (host: string, signal: AbortSignal) =>
        host === 'other.example'
          ? new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
          : good.ping(host, signal),
    };
    const context = probeContext(pod, { registry: hanging, signal: stop.signal });
    const running = resolveManifest(context);
    // The good registry is asked to the end while the other one hangs.
    await expect.poll(() => good.asked.at(-1)).toBe('get manifest as anonymous');
    stop.abort();
    const { findings, shortfall } = await running;
    expect(new Set(findings.map((finding) => finding.container))).toEqual(new Set(['app']));
    expect(shortfall).toBe(`other.example gave no answer about ${other} in time.`);
  });

  it('says what the network did, as seen from here', async () => {
    const { codes, shortfall, asked } = await resolve(
      {
        manifest: () => ({
          status: 'unreachable',
          problem: 'timeout',
          host: 'registry.example',
          message: 'registry.example did not answer within 10 s',
          requests: 0,
        }),
      },
      { login: true },
    );
    expect(codes).toEqual(['registry/unreachable']);
    expect(shortfall).toContain('did not answer within 10 s');
    expect(asked).toEqual(['ping registry.example', 'head manifest as anonymous']);
  });

  it('is not an invalid reference: there is nobody to ask', async () => {
    expect(await resolve({}, { image: 'Registry.example/Shop:1' })).toMatchObject({ findings: [], asked: [] });
  });

  it('fails the step only for a bug', async () => {
    const context = probeContext(podObject({ image: IMAGE, waiting: { reason: 'ErrImagePull' } }));
    const broken = { ...context.registry, ping: async () => Promise.reject(new CodedError('internal/unexpected', 'bug')) };
    await expect(resolveManifest({ ...context, registry: broken })).rejects.toThrow('bug');
  });
});

describe('the secret behind a login', () => {
  const nameIn = async (answer: typeof unauthorized | typeof image | { status: 'forbidden'; by: 'registry'; hidesMissing: boolean }) => {
    const { findings } = await resolve({ manifest: (account) => (account === 'anonymous' ? unauthorized : answer) }, { login: true });
    return findings.flatMap(({ code, names }) => (names?.secret === undefined ? [] : [`${code} ${names.secret}`]));
  };

  it('is named by what the registry says of that login', async () => {
    expect(await nameIn(unauthorized)).toEqual(['registry/credential-rejected regcred']);
    expect(await nameIn(image)).toEqual(['registry/credential-works regcred']);
    expect(await nameIn({ status: 'forbidden', by: 'registry', hidesMissing: false })).toEqual(['registry/credential-forbidden regcred']);
  });

  it('is named where it keeps the kubelet from what anybody may pull', async () => {
    const { findings } = await resolve({ manifest: (account) => (account === 'anonymous' ? found : unauthorized) }, { login: true });
    expect(findings.find(({ code }) => code === 'registry/stale-credential-on-public')?.names).toEqual({ secret: 'regcred' });
  });
});
