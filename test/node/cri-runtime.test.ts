import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ANONYMOUS } from '../../src/facts/credential.ts';
import { SecretText } from '../../src/facts/secret-text.ts';
import { createCriRuntime } from '../../src/node/cri/cri-runtime.ts';
import { createChannel } from '../../src/node/cri/grpc.ts';
import { CALLS } from '../../src/node/cri/messages.ts';
import { openRuntime, socketPath } from '../../src/node/cri/sockets.ts';
import { type CriServer, type CriState, startCriServer } from '../support/cri-server.ts';
import { madeImage } from '../support/node-images.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  // Clients first: a server waits for them.
  for (const part of open.splice(0).reverse()) await part.stop();
});

async function server(kind?: 'containerd' | 'crio', state: Partial<CriState> = {}): Promise<CriServer> {
  const started = await startCriServer(kind, state);
  open.push(started);
  return started;
}

function runtimeOf({ socket }: { readonly socket: string }) {
  const runtime = createCriRuntime(socket);
  open.push({ stop: async () => runtime.close() });
  return runtime;
}

describe('a container runtime, over its socket', () => {
  it('tells its version, images, containers and file systems', async () => {
    const image = madeImage(1, { bytes: 2 ** 40, pinned: true });
    const cri = await server('containerd', {
      images: [image],
      containers: [{ id: 'c1', image: image.id, state: 'exited', volumes: ['v:1'] }],
    });
    const runtime = runtimeOf(cri);
    expect(await runtime.version()).toEqual({ name: 'containerd', version: '1.0' });
    expect(await runtime.images()).toEqual([image]);
    expect(await runtime.containers()).toEqual([{ id: 'c1', name: 'name-c1', pod: 'shop/pod-c1', state: 'exited', images: [image.id] }]);
    expect(await runtime.imageVolumes('c1')).toEqual(['v:1']);
    expect(await runtime.imageVolumes('gone')).toEqual([]);
    expect(await runtime.filesystems()).toEqual({
      images: [{ mountpoint: '/var/lib/images', usedBytes: 2 ** 40, usedInodes: 1 }],
      containers: [],
    });
    expect(await runtime.image('nothing:1')).toBeUndefined();
  });

  it('of CRI-O has names that are none left out, and all names of a container', async () => {
    const image = madeImage(1, { tags: [], digests: [] });
    const cri = await server('crio', { images: [image], containers: [{ id: 'c1', image: image.id, asked: 'web:1' }] });
    const bare = image.id.slice('sha256:'.length);
    expect(await runtimeOf(cri).images()).toEqual([{ ...image, id: bare }]);
    expect((await runtimeOf(cri).containers())[0]?.images).toEqual([bare, 'web:1']);
  });

  it('is asked anew over a new connection after one was cut', async () => {
    const cri = await server();
    const runtime = runtimeOf(cri);
    cri.state.before = () => 'cut';
    await expect(runtime.images()).rejects.toMatchObject({ code: 'node/unreachable', retryable: true });
    cri.state.before = () => undefined;
    expect(await runtime.images()).toEqual([]);
  });

  it.each([
    [{ code: 12, message: 'unknown service runtime.v1.ImageService' }, 'node/unsupported', false],
    [{ code: 2, message: 'database is locked' }, 'node/refused', false],
    [{ code: 14, message: 'server is not initialized yet' }, 'node/refused', true],
    ['nonsense', 'node/bad-answer', false],
    ['too-much', 'node/bad-answer', false],
  ] as const)('that answers %j gives %s', async (twist, code, retryable) => {
    const cri = await server('containerd', { before: () => twist });
    await expect(runtimeOf(cri).images()).rejects.toMatchObject({ code, retryable });
  });

  it('that does not answer is given up', async () => {
    const cri = await server('containerd', { before: () => 'silence' });
    const channel = createChannel(cri.socket);
    open.push({ stop: async () => channel.close() });
    await expect(channel.call(CALLS.listImages, {}, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'node/timeout' });
  });

  it('is not there, or is something else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'imagepull-cri-'));
    const socket = join(folder, 'other.sock');
    const other = createServer((connection) => connection.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => other.listen(socket, resolve));
    open.push({
      async stop() {
        await new Promise((resolve) => other.close(resolve));
        await rm(folder, { recursive: true });
      },
    });
    await expect(runtimeOf({ socket }).version()).rejects.toMatchObject({ code: 'node/unreachable' });
    await expect(runtimeOf({ socket: join(folder, 'none.sock') }).version()).rejects.toMatchObject({
      message: expect.stringContaining('does not exist'),
    });
  });

  it('is found among the usual sockets, the first that answers', async () => {
    const cri = await server();
    const dead = await server();
    dead.state.before = () => ({ code: 12, message: 'unknown service' });
    const found = await openRuntime(undefined, ['/nowhere/x.sock', dead.socket, cri.socket]);
    expect(found.socket).toBe(cri.socket);
    found.close();
    await expect(openRuntime(undefined, [dead.socket])).rejects.toMatchObject({
      code: 'node/unreachable',
      message: expect.stringMatching(/--socket/),
    });
  });
});

describe('a pull', () => {
  it('hands on the login, and the words of a failure without it', async () => {
    const password = 'canary-Zx9-password';
    const words = `failed to authorize: "robot:${password}" and https://r.example/v2/?token=abc123 — läuft nicht, 100 %`;
    const cri = await server('containerd', { pull: () => ({ error: words }) });
    const pulled = await runtimeOf(cri).pull(
      'r.example/a:1',
      { kind: 'basic', username: 'robot', password: new SecretText(password) },
      { timeoutMs: 5_000 },
    );
    expect(cri.login()).toEqual({ username: 'robot', password, identityToken: '' });
    expect(pulled).toMatchObject({ status: 'failed', message: expect.stringContaining('— läuft nicht, 100 %') });
    expect(JSON.stringify(pulled)).not.toMatch(/canary|abc123/);
  });

  it('without a login sends none, and ends in time', async () => {
    const cri = await server('containerd', { before: (call) => (call === 'PullImage' ? 'silence' : undefined) });
    expect(await runtimeOf(cri).pull('a:1', ANONYMOUS.credential, { timeoutMs: 50 })).toEqual({ status: 'timed-out' });
    expect(cri.login()).toBeUndefined();
  });
});

describe('the endpoint of a socket', () => {
  it.each([
    ['/run/crio/crio.sock', '/run/crio/crio.sock'],
    ['unix:///run/crio/crio.sock', '/run/crio/crio.sock'],
    ['unix:/run/crio/crio.sock', '/run/crio/crio.sock'],
  ])('%s is %s', (given, path) => expect(socketPath(given)).toBe(path));
  it.each(['tcp://127.0.0.1:1', 'run/x.sock', ''])('%j is none', (given) => {
    expect(() => socketPath(given)).toThrow(expect.objectContaining({ code: 'usage/node' }));
  });
});
