import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, ANONYMOUS, type Credential } from '../../src/facts/credential.ts';
import { type ImageReference, parseImageReference } from '../../src/facts/image-reference.ts';
import { SecretText } from '../../src/facts/secret-text.ts';
import type { TokenServers } from '../../src/registry/auth/token-server.ts';
import { createOciRegistry } from '../../src/registry/oci-registry.ts';
import { type Pushed, pushImage, pushIndex } from '../support/push-image.ts';
import { type RealRegistry, startDockerRegistry } from '../support/real-parts.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';

/** bcrypt of canary-password, cost 4. */
const HTPASSWD = 'robot:$2y$04$Z1GCZ0He9d.gxza0lyrrg.GyOa7Ap27pYz92EzO7u9rmw4hVnL1PG\n';
const PASSWORD = 'canary-password';
const { signal } = new AbortController();
const robot = (password = PASSWORD): Account => account({ kind: 'basic', username: 'robot', password: new SecretText(password) });
const account = (credential: Credential): Account => ({ name: 'the login of robot', credential });
const open = (tokenServers: TokenServers = {}) => createOciRegistry({ allowLoopback: true, env: {}, tokenServers });

function reference(host: string, image: string): ImageReference {
  const parsed = parseImageReference(`${host}/${image}`);
  if (parsed.status === 'invalid') throw new Error(parsed.because);
  return parsed.reference;
}

/** An answer as text; nothing secret may be in it. */
function told(answer: unknown): string {
  const text = JSON.stringify(answer);
  expect(text).not.toContain('canary');
  return text;
}

describe('a real registry without a login', () => {
  let registry: RealRegistry;
  let pushed: Pushed;
  beforeAll(async () => {
    registry = await startDockerRegistry();
    const target = { origin: `http://${registry.host}`, repository: 'shop/web' };
    pushed = await pushImage(target, { tag: '1.0' });
    await pushIndex(target, 'multi', ['amd64', 'arm64']);
    for (let n = 0; n < 12; n++) await pushImage(target, { tag: `2.${n}` });
  });
  afterAll(() => registry.stop());

  const ask = (image: string, how: 'head' | 'get' = 'get') =>
    open().askManifest({ reference: reference(registry.host, image), account: ANONYMOUS, how }, signal);

  it('greets', async () => {
    expect(await open().ping(registry.host, signal)).toMatchObject({
      status: 'answers',
      scheme: 'http',
      httpStatus: 200,
      isRegistry: true,
    });
  });

  it('has an image, with its size, and one request more tells the greeting', async () => {
    expect(await ask('shop/web:1.0')).toMatchObject({
      status: 'found',
      digest: pushed.digest,
      content: { kind: 'image', bytes: pushed.bytes, layers: 1 },
      requests: 2,
    });
    expect(await ask(`shop/web@${pushed.digest}`, 'head')).toMatchObject({
      status: 'found',
      digest: pushed.digest,
      content: { kind: 'opaque' },
    });
  });

  it('has an index, with its platforms', async () => {
    expect(await ask('shop/web:multi')).toMatchObject({
      content: { kind: 'index', members: [{ platform: { os: 'linux', architecture: 'amd64' } }, { platform: { architecture: 'arm64' } }] },
    });
  });

  it('lacks a tag, a digest and a repository, and its list of tags tells which', async () => {
    expect(await ask('shop/web:9')).toMatchObject({ status: 'missing', what: 'unknown', code: 'MANIFEST_UNKNOWN' });
    expect(await ask('shop/web:9', 'head')).toMatchObject({ status: 'missing', what: 'unknown' });
    expect(await ask(`shop/web@sha256:${'0'.repeat(64)}`)).toMatchObject({ status: 'missing', what: 'unknown' });
    const tags = (image: string) =>
      open().listTags({ reference: reference(registry.host, image), account: ANONYMOUS, mostPages: 1 }, signal);
    expect(await tags('shop/none:1')).toMatchObject({ status: 'missing', what: 'repository', code: 'NAME_UNKNOWN' });
    expect(await tags('shop/web:9')).toMatchObject({
      status: 'found',
      complete: true,
      tags: expect.arrayContaining(['1.0', 'multi', '2.11']),
    });
  });

  it('has a layer, or has not', async () => {
    const blob = (digest: string) =>
      open().askBlob({ reference: reference(registry.host, 'shop/web:1.0'), account: ANONYMOUS, digest }, signal);
    expect(await blob(pushed.layerDigest)).toMatchObject({ status: 'found', bytes: expect.any(Number) });
    expect(await blob(`sha256:${'0'.repeat(64)}`)).toMatchObject({ status: 'missing' });
  });

  it('is asked once for what many want at once, and not again within a minute', async () => {
    let now = 0;
    const shared = createOciRegistry({ allowLoopback: true, env: {}, now: () => now });
    const question = { reference: reference(registry.host, 'shop/web:1.0'), account: ANONYMOUS, how: 'head' } as const;
    const answers = await Promise.all(Array.from({ length: 50 }, () => shared.askManifest(question, signal)));
    expect(shared.requests()).toBe(2);
    expect(answers.reduce((sum, answer) => sum + answer.requests, 0)).toBe(2);
    now = 59_999;
    expect((await shared.askManifest(question, signal)).requests).toBe(0);
    now = 60_000;
    expect((await shared.askManifest(question, signal)).requests).toBeGreaterThan(0);
  });

  it('is spared once its budget for the minute is used up', async () => {
    const spared = createOciRegistry({ allowLoopback: true, env: {}, perMinute: 3 });
    const question = (tag: string) =>
      ({ reference: reference(registry.host, `shop/web:${tag}`), account: ANONYMOUS, how: 'head' }) as const;
    for (const tag of ['a', 'b', 'c', 'd']) await spared.askManifest(question(tag), signal);
    expect(await spared.askManifest(question('e'), signal)).toMatchObject({
      status: 'not-asked',
      because: expect.stringContaining('3 requests within a minute'),
    });
    expect(spared.requests()).toBeLessThanOrEqual(3);
  });

  it('on loopback is not asked unless that is allowed', async () => {
    const strict = createOciRegistry({ allowLoopback: false, env: {} });
    expect(await strict.ping(registry.host, signal)).toMatchObject({ status: 'unreachable', problem: 'address-refused' });
    expect(strict.requests()).toBe(0);
  });
});

describe('a real registry with user names and passwords', () => {
  let registry: RealRegistry;
  beforeAll(async () => {
    registry = await startDockerRegistry({ htpasswd: HTPASSWD });
    const authorization = `Basic ${Buffer.from(`robot:${PASSWORD}`).toString('base64')}`;
    await pushImage({ origin: `http://${registry.host}`, repository: 'shop/web', authorization }, { tag: '1.0' });
  });
  afterAll(() => registry.stop());
  const ask = (who: Account, image = 'shop/web:1.0', how: 'head' | 'get' = 'head') =>
    open().askManifest({ reference: reference(registry.host, image), account: who, how }, signal);

  it('refuses nobody and a wrong password, and lets the right one pull', async () => {
    expect(told(await ask(ANONYMOUS))).toContain('"status":"unauthorized","by":"registry"');
    expect(told(await ask(robot('canary-wrong'), undefined, 'get'))).toContain('UNAUTHORIZED');
    expect(told(await ask(robot()))).toContain('"status":"found"');
    expect(told(await ask(robot(), 'shop/web:9', 'get'))).toContain('MANIFEST_UNKNOWN');
  });

  it('is not sent a refused password again, whichever image is asked for', async () => {
    const oci = open();
    const wrong = robot('canary-wrong');
    const question = (image: string) => ({ reference: reference(registry.host, image), account: wrong, how: 'head' }) as const;
    expect(await oci.askManifest(question('shop/web:1.0'), signal)).toMatchObject({ status: 'unauthorized', requests: 2 });
    expect(await oci.askManifest(question('shop/api:1.0'), signal)).toMatchObject({ status: 'unauthorized', requests: 0 });
    expect(await oci.askManifest({ ...question('shop/web:1.0'), account: robot() }, signal)).toMatchObject({ status: 'found' });
  });
});

describe('a real registry with a token server', () => {
  let registry: RealRegistry;
  let tokens: TokenServer;
  beforeAll(async () => {
    tokens = await startTokenServer({ robot: PASSWORD, guest: 'canary-guest' }, (user, repository) =>
      user === 'robot' ? ['pull', 'push'] : repository === 'public/web' ? ['pull'] : [],
    );
    registry = await startDockerRegistry({ token: tokens });
    for (const repository of ['shop/web', 'public/web']) {
      const scope = `repository:${repository}:pull,push`;
      const query = new URLSearchParams({ service: tokens.service, scope });
      const authorization = `Basic ${Buffer.from(`robot:${PASSWORD}`).toString('base64')}`;
      const answer = (await (await fetch(`${tokens.realm}?${query}`, { headers: { authorization } })).json()) as { token: string };
      await pushImage({ origin: `http://${registry.host}`, repository, authorization: `Bearer ${answer.token}` }, { tag: '1.0' });
    }
  });
  afterAll(async () => {
    await registry.stop();
    await tokens.stop();
  });
  const openTrusting = () => open({ [registry.host]: [new URL(tokens.realm).host] });
  const ask = (who: Account, image = 'shop/web:1.0', how: 'head' | 'get' = 'head') =>
    openTrusting().askManifest({ reference: reference(registry.host, image), account: who, how }, signal);

  it('names its token server in the greeting', async () => {
    expect(await openTrusting().ping(registry.host, signal)).toMatchObject({
      httpStatus: 401,
      isRegistry: true,
      challenge: { scheme: 'bearer', realm: tokens.realm, service: tokens.service },
    });
  });

  it('gives a public image to nobody in particular, in three requests', async () => {
    expect(await ask(ANONYMOUS, 'public/web:1.0')).toMatchObject({ status: 'found', requests: 3 });
  });

  it('refuses nobody, and a login that the token server rejects', async () => {
    expect(await ask(ANONYMOUS)).toMatchObject({ status: 'unauthorized', by: 'registry' });
    expect(told(await ask(robot('canary-wrong')))).toContain('"status":"unauthorized","by":"token-server","code":"UNAUTHORIZED"');
  });

  it('accepts a login that may not pull this: a weak token is no rejected login', async () => {
    const guest = account({ kind: 'basic', username: 'guest', password: new SecretText('canary-guest') });
    expect(told(await ask(guest))).toContain('"status":"forbidden","by":"registry"');
    expect(await ask(guest, 'public/web:1.0')).toMatchObject({ status: 'found' });
  });

  it('lets the right login pull, by password or by identity token', async () => {
    expect(told(await ask(robot()))).toContain('"status":"found"');
    expect(told(await ask(account({ kind: 'identity-token', token: new SecretText(`refresh-${PASSWORD}`) })))).toContain(
      '"status":"found"',
    );
    expect(told(await ask(account({ kind: 'identity-token', token: new SecretText('canary-stale') })))).toContain(
      '"status":"unauthorized"',
    );
  });

  it('needs one token for many questions about one repository', async () => {
    const oci = openTrusting();
    const question = { reference: reference(registry.host, 'shop/web:1.0'), account: robot() };
    expect((await oci.askManifest({ ...question, how: 'head' }, signal)).requests).toBe(3);
    expect((await oci.askManifest({ ...question, how: 'get' }, signal)).requests).toBe(1);
    expect((await oci.listTags({ ...question, mostPages: 1 }, signal)).requests).toBe(1);
  });

  it('is not sent a login that its token server refused a moment ago', async () => {
    const oci = openTrusting();
    const question = (image: string) =>
      ({ reference: reference(registry.host, image), account: robot('canary-wrong'), how: 'head' }) as const;
    expect((await oci.askManifest(question('shop/web:1.0'), signal)).requests).toBe(2);
    const before = tokens.requests.length;
    expect(await oci.askManifest(question('shop/api:1.0'), signal)).toMatchObject({ status: 'not-asked', requests: 0 });
    expect(tokens.requests.length).toBe(before);
  });

  it('is sent a wrong login once, however many images want it at the same time', async () => {
    const oci = openTrusting();
    const before = tokens.requests.length;
    const images = Array.from({ length: 30 }, (_, n) => reference(registry.host, `shop/app${n}:1.0`));
    await Promise.all(images.map((image) => oci.askManifest({ reference: image, account: robot('canary-wrong'), how: 'head' }, signal)));
    expect(tokens.requests.slice(before)).toEqual(['GET /token a wrong login']);
  });
});
