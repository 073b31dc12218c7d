import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type LivingCluster, livingCluster, NODES } from './living-cluster.ts';

const Pod = z.looseObject({ metadata: z.looseObject({ name: z.string() }), spec: z.looseObject({}), status: z.looseObject({}) });
const LOGIN = { username: 'robot', password: 'canary-password' };

let living: LivingCluster;
afterEach(() => living.stop());

/** A Deployment of one pod; its image is `REGISTRY/shop/web:1`. */
async function start({ random = () => 0, secret }: { readonly random?: () => number; readonly secret?: string } = {}) {
  living = await livingCluster({ random });
  const { cluster, registry } = living;
  const image = `${registry.host}/shop/web:1`;
  registry.repositories.push('shop/web', '0');
  cluster.store.put({ kind: 'Namespace', metadata: { name: 'shop' } });
  const imagePullSecrets = secret === undefined ? [] : [{ name: secret }];
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image }], imagePullSecrets } };
  const spec = { replicas: 1, selector: { matchLabels: { app: 'web' } }, template };
  cluster.store.put({ kind: 'Deployment', metadata: { name: 'web', namespace: 'shop', generation: 1 }, spec });
  return { ...living, image };
}

/** Puts a login of the registry into a secret. */
function putSecret(name: string, { username, password } = LOGIN): void {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const config = JSON.stringify({ auths: { [living.registry.host]: { auth } } });
  const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') };
  living.cluster.store.put({ kind: 'Secret', metadata: { name, namespace: 'shop' }, type: 'kubernetes.io/dockerconfigjson', data });
}

/** Manifests that a runtime asked for, which begins each pull. */
const pulls = () => living.registry.requests.filter((request) => request.startsWith('HEAD')).length;
const status = () => JSON.stringify(living.all('Pod').map((pod) => Pod.parse(pod).status));

describe('the kubelet of the demo', () => {
  it.each([
    { random: 0, syncS: 10 },
    { random: 0.999, syncS: 15 },
  ])('waits 10 s, twice as long each time, 5 min at most, and looks every $syncS s', async ({ random, syncS }) => {
    const { clock } = await start({ random: () => random });
    const triedAt: number[] = [];
    for (let second = 0; second < 1_800; second++) {
      const before = pulls();
      await clock.step(1_000);
      if (pulls() > before) triedAt.push(second);
    }
    const gaps = triedAt.slice(1).map((at, n) => at - (triedAt[n] ?? 0));
    const backOffs = [10, 20, 40, 80, 160, 300, 300, 300];
    expect(gaps.length).toBeGreaterThanOrEqual(7);
    for (const [n, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(backOffs[n] ?? 300);
      // It sees that the time is up when it looks next.
      expect(gap).toBeLessThanOrEqual((backOffs[n] ?? 300) + syncS + 2);
    }
  });

  it('counts what it says again, and says each thing once', async () => {
    const { clock, all } = await start();
    await clock.step(300_000);
    const Counted = z.looseObject({ reason: z.string(), message: z.string(), count: z.number().optional() });
    const counts = Object.fromEntries(
      all('Event')
        .map((event) => Counted.parse(event))
        .map((one) => [`${one.reason} ${one.message.slice(0, 12)}`, one.count]),
    );
    expect(counts).toMatchObject({ 'Pulling Pulling imag': 5, 'Failed Failed to pu': 5, 'Failed Error: ErrIm': 5 });
    expect(counts['BackOff Back-off pul']).toBeGreaterThan(15);
    expect(all('Event')).toHaveLength(6);
  });

  it.each([
    { status: 503, says: '503 Service Unavailable' },
    { status: 429, says: '429 Too Many Requests' },
    { status: 403, says: '403 Forbidden' },
  ] as const)('says that a registry answers $says', async ({ status: answered, says }) => {
    const { clock, registry, image } = await start();
    await registry.meet({ status: answered });
    await clock.step(5_000);
    const url = `http://${registry.host}/v2/shop/web/manifests/1`;
    expect(status()).toContain(`failed to resolve image: unexpected status from HEAD request to ${url}: ${says}`);
    expect(status()).toContain(JSON.stringify(`failed to pull and unpack image "${image}"`).slice(1, -1));
    await registry.meet(undefined);
    registry.repositories.push('shop/web', '1');
    await clock.step(60_000);
    expect(status()).toContain('"phase":"Running"');
  });

  it('says that an image is for none of its platforms', async () => {
    const { clock, registry } = await start();
    registry.repositories.push('shop/web', '1', ['arm64']);
    await clock.step(5_000);
    expect(status()).toMatch(
      /ErrImagePull: rpc error: code = NotFound desc = get image config descriptor: no match for platform in manifest sha256:[0-9a-f]{64}: not found"/,
    );
    registry.repositories.push('shop/web', '1', ['arm64', 'amd64']);
    await clock.step(60_000);
    expect(status()).toContain('"phase":"Running"');
  });

  it.each([
    { ailment: 'full', says: 'no space left on device', condition: { type: 'DiskPressure', status: 'True' } },
    { ailment: 'without-runtime', says: 'containerd.sock: connect: no such file', condition: { type: 'Ready', status: 'False' } },
  ] as const)(
    'whose node is $ailment fails each pull, takes no new pods once that is noticed, and goes on when it is well',
    async (given) => {
      const { clock, registry, all, ailments, cluster } = await start({ random: Math.random });
      registry.repositories.push('shop/web', '1');
      for (const node of NODES) ailments.set(node, given.ailment);
      await clock.step(9_000);
      expect(status()).toContain(given.says);
      // It is noticed by the kubelet's next look at the node.
      await clock.step(2_000);
      expect(all('Node')).toMatchObject(
        NODES.map(() => ({
          spec: { taints: [{ effect: 'NoSchedule' }] },
          status: { conditions: expect.arrayContaining([expect.objectContaining(given.condition)]) },
        })),
      );
      const [web] = all('Deployment') as { spec: object; metadata: object }[];
      cluster.store.put({ kind: 'Deployment', ...web, metadata: { ...web?.metadata, name: 'web' }, spec: { ...web?.spec, replicas: 2 } });
      await clock.step(60_000);
      const nodes = () => all('Pod').map((pod) => Pod.parse(pod).spec['nodeName'] ?? 'none');
      expect(nodes()).toContain('none');
      for (const node of NODES) ailments.set(node, undefined);
      await clock.step(700_000);
      expect(nodes()).not.toContain('none');
      expect(all('Pod').map((pod) => Pod.parse(pod).status['phase'])).toEqual(['Running', 'Running']);
      expect(JSON.stringify(all('Node'))).not.toContain('NoSchedule');
    },
  );

  it('says that nothing listens', async () => {
    const { clock, registry } = await start();
    await registry.stop();
    await clock.step(5_000);
    expect(status()).toContain(`dial tcp ${registry.host}: connect: connection refused`);
    living = { ...living, registry: { ...registry, stop: async () => undefined } };
  });

  describe('for a private image', () => {
    async function startPrivate(secret?: string) {
      const started = await start(secret === undefined ? {} : { secret });
      started.registry.repositories.push('shop/web', '1');
      started.registry.repositories.lock('shop/web', LOGIN);
      return started;
    }

    it('asks as nobody without a secret, and takes one that comes later', async () => {
      const { clock } = await startPrivate('late');
      await clock.step(15_000);
      expect(status()).toContain(
        'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
      );
      putSecret('late');
      await clock.step(60_000);
      expect(status()).toContain('"phase":"Running"');
    });

    it('is refused by the token server with a wrong login, and tells no password', async () => {
      const { clock, all } = await startPrivate('wrong');
      putSecret('wrong', { username: 'robot', password: 'canary-wrong' });
      await clock.step(15_000);
      expect(status()).toMatch(
        /failed to authorize: failed to fetch oauth token: unexpected status from GET request to .*: 401 Unauthorized/,
      );
      expect(JSON.stringify([all('Pod'), all('Event')])).not.toContain('canary');
    });
  });
});
