import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FailureDocument, ImagesDocument, ProbeDocument, PruneDocument, PullDocument } from '../../src/node/document.ts';
import { type CriServer, startCriServer } from '../support/cri-server.ts';
import { madeImage, planned } from '../support/node-images.ts';

const CANARY = 'canary-Qw7-secret';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imagepull-node-'));
});
afterAll(() => rm(folder, { recursive: true }));

let cri: CriServer;
afterEach(() => cri?.stop());

/** Runs the node's program, or the same by the command line; `started` is told the process. */
function run(
  args: readonly string[],
  given: { readonly stdin?: string; readonly program?: readonly string[]; readonly started?: (child: ChildProcess) => void } = {},
) {
  const child = spawn(process.execPath, [...(given.program ?? ['src/node.ts']), ...args], { stdio: 'pipe' });
  given.started?.(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(given.stdin ?? '');
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe('the program on a node', () => {
  it.each([[['src/node.ts']], [['src/cli.ts', 'node']]])('%j lists images with what uses them as one document', async (program) => {
    const [a, b] = [madeImage(1), madeImage(2, { tags: ['r.example/pause:3.9'] })];
    cri = await startCriServer('containerd', { images: [a, b], containers: [{ id: 'c', image: a.id }], mountpoint: '/' });
    const { code, stdout, stderr } = await run(['images', '--socket', `unix://${cri.socket}`], { program });
    expect([code, stderr]).toEqual([0, '']);
    const document = ImagesDocument.parse(JSON.parse(stdout));
    expect(document.images.map(({ id, sandbox, usedBy }) => ({ id, sandbox, usedBy }))).toEqual([
      { id: a.id, sandbox: false, usedBy: [{ container: 'c', name: 'name-c', pod: 'shop/pod-c', state: 'running', as: 'image' }] },
      { id: b.id, sandbox: true, usedBy: [] },
    ]);
    expect(document.filesystems[0]?.room?.totalBytes).toBeGreaterThan(0);
  });

  it('says since when an image is there, where the files of the node tell', async () => {
    const [a, b] = [madeImage(1), madeImage(2)];
    const blobs = join(folder, 'data/io.containerd.content.v1.content/blobs/sha256');
    await mkdir(blobs, { recursive: true });
    await writeFile(join(blobs, a.id.slice(7)), '{}');
    await utimes(join(blobs, a.id.slice(7)), 0, new Date('2026-01-01T10:00:00Z'));
    cri = await startCriServer('containerd', { images: [a, b], mountpoint: '/data/io.containerd.snapshotter.v1.overlayfs' });
    const { stdout } = await run(['images', '--socket', cri.socket, '--host-root', folder]);
    const { images } = ImagesDocument.parse(JSON.parse(stdout));
    expect(images.map(({ since }) => since)).toEqual(['2026-01-01T10:00:00.000Z', undefined]);
  });

  it('removes what it pulled, and nothing that was there or is used by then', async () => {
    const image = madeImage(1, { tags: ['203.0.113.1/a:1'] });
    cri = await startCriServer('containerd', { pull: () => image });
    const pull = async (...more: string[]) => {
      const { stdout } = await run(['pull', '203.0.113.1/a:1', '--socket', cri.socket, ...more]);
      const { outcome } = PullDocument.parse(JSON.parse(stdout));
      return outcome.status === 'pulled' ? { wasThere: outcome.wasThere, stays: outcome.stays } : outcome;
    };
    expect(await pull()).toEqual({ wasThere: false, stays: undefined });
    expect(cri.state.images).toEqual([]);
    cri.state.before = (call) => {
      if (call === 'PullImage') cri.state.containers = [{ id: 'cured', image: image.id }];
      return undefined;
    };
    expect(await pull()).toEqual({ wasThere: false, stays: expect.stringContaining('may have cured the pod') });
    cri.state.containers = [];
    cri.state.before = () => undefined;
    expect(await pull()).toEqual({ wasThere: true, stays: 'It was there before.' });
    cri.state.images = [];
    expect(await pull('--keep')).toEqual({ wasThere: false, stays: 'It was to be kept.' });
    expect(cri.state.images).toHaveLength(1);
  });

  it('hands on a login from standard input or a file, and shows it nowhere', async () => {
    cri = await startCriServer('containerd', { pull: () => ({ error: `denied for robot:${CANARY}` }) });
    const login = JSON.stringify({ username: 'robot', password: CANARY });
    const file = join(folder, 'login.json');
    await writeFile(file, login);
    for (const [from, stdin] of [
      ['-', login],
      [file, ''],
    ] as const) {
      const { code, stdout, stderr } = await run(['pull', '203.0.113.1/a:1', '--socket', cri.socket, '--login', from], { stdin });
      expect(cri.login()).toMatchObject({ password: CANARY });
      expect([code, PullDocument.parse(JSON.parse(stdout))]).toMatchObject([0, { login: 'basic', outcome: { status: 'failed' } }]);
      expect(stdout + stderr).not.toContain(CANARY);
    }
    for (const text of [
      `{"username":"robot","password":"${CANARY}"`,
      `{"password":"${CANARY}"}`,
      `{"username":1,"password":"${CANARY}","x":1}`,
    ]) {
      const { code, stdout, stderr } = await run(['pull', 'a.example/a:1', '--socket', cri.socket, '--login', '-'], { stdin: text });
      expect([code, FailureDocument.parse(JSON.parse(stdout)).error.code]).toEqual([2, 'node/login']);
      expect(stdout + stderr).not.toMatch(/canary|robot/);
    }
  });

  it('probes without a runtime as well', async () => {
    const { code, stdout } = await run([
      'probe',
      '127.0.0.1:1/a:1',
      '--socket',
      '/nowhere/x.sock',
      '--host-root',
      folder,
      '--deadline',
      '9s',
    ]);
    const { runtime, ways } = ProbeDocument.parse(JSON.parse(stdout));
    expect([code, runtime.status, ways[0]?.endpoint.problem]).toEqual([0, 'failed', 'address-refused']);
  });

  it('prunes by a plan in a file, and ends with 1 where it had to stop', async () => {
    const [a, b] = [madeImage(1), madeImage(2)];
    cri = await startCriServer('containerd', { images: [a, b] });
    const file = join(folder, 'plan.json');
    await writeFile(file, JSON.stringify({ schemaVersion: 1, images: [planned(a), planned(b)] }));
    cri.state.before = (call, about) => (call === 'RemoveImage' && about === b.id ? 'cut' : undefined);
    const { code, stdout } = await run(['prune', '--plan', file, '--socket', cri.socket]);
    const document = PruneDocument.parse(JSON.parse(stdout));
    expect([code, document.ended.status, document.images.map(({ outcome }) => outcome.status)]).toEqual([
      1,
      'runtime',
      ['removed', 'unknown'],
    ]);
  });

  it('that is told to end says what it has done', async () => {
    const images = [1, 2, 3].map((number) => madeImage(number));
    let child: ChildProcess | undefined;
    // For its goal it measures the disk at least twice between two removals, which is time enough to hear a signal.
    cri = await startCriServer('containerd', {
      images,
      mountpoint: '/',
      before: (call) => void (call === 'RemoveImage' && child?.kill('SIGTERM')),
    });
    const file = join(folder, 'long-plan.json');
    await writeFile(file, JSON.stringify({ schemaVersion: 1, images: images.map((image) => planned(image)), goalFreeBytes: 2 ** 50 }));
    const { code, stdout } = await run(['prune', '--plan', file, '--socket', cri.socket], {
      started: (process) => {
        child = process;
      },
    });
    const document = PruneDocument.parse(JSON.parse(stdout));
    expect([code, document.ended.status, document.images.map(({ outcome }) => outcome.status)]).toEqual([
      1,
      'interrupted',
      ['removed', 'not-reached', 'not-reached'],
    ]);
    cri.state.before = (call) => (call === 'PullImage' && child?.kill('SIGTERM') ? 'silence' : undefined);
    const pulled = await run(['pull', '203.0.113.1/a:1', '--socket', cri.socket], {
      started: (process) => {
        child = process;
      },
    });
    expect(FailureDocument.parse(JSON.parse(pulled.stdout)).error.code).toBe('node/interrupted');
  });

  it.each([
    [['images', '--socket', '/nowhere/x.sock'], 'node/unreachable', 4],
    [['images', '--nothing'], 'usage/node', 2],
    [['images', 'a:1'], 'usage/node', 2],
    [['images', '--login', '-'], 'usage/node', 2],
    [['pull'], 'usage/node', 2],
    [['probe', 'a:1', 'b:1'], 'usage/node', 2],
    [['pull', 'UPPER:1'], 'usage/node', 2],
    [['pull', 'a:1', '--deadline', 'soon'], 'usage/node', 2],
    [['pull', 'a:1', '--login', '/nowhere/login.json'], 'node/login', 2],
    [['pull', '127.0.0.1:5000/a:1'], 'node/address-refused', 2],
    [['pull', '169.254.169.254/a:1', '--allow-loopback'], 'node/address-refused', 2],
    [['prune'], 'usage/node', 2],
    [['prune', '--plan', '/nowhere/plan.json'], 'node/plan', 2],
    [['prune', '--plan', 'package.json'], 'node/plan', 2],
    [[], 'usage/node', 2],
  ] as const)('%j is answered with a document as well: %s', async (args, error, exit) => {
    const { code, stdout, stderr } = await run(args);
    expect([FailureDocument.parse(JSON.parse(stdout)).error.code, code]).toEqual([error, exit]);
    expect(stderr).toMatch(/^imagepull: [^\n]+\n$/);
  });
});
