import { afterEach, describe, expect, it } from 'vitest';
import { createCriRuntime } from '../../src/node/cri/cri-runtime.ts';
import type { KeepRule } from '../../src/node/prune/outcome.ts';
import type { PlannedImage, PrunePlan } from '../../src/node/prune/plan.ts';
import { type PruneResult, prune } from '../../src/node/prune/prune.ts';
import { type CriServer, type CriState, startCriServer } from '../support/cri-server.ts';
import { madeImage, planned, planOf } from '../support/node-images.ts';

const NOW = new Date('2026-01-02T00:00:00Z');

let cri: CriServer | undefined;
afterEach(async () => {
  await cri?.stop();
  cri = undefined;
});

async function start(state: Partial<CriState>, kind?: 'containerd' | 'crio'): Promise<CriServer> {
  cri = await startCriServer(kind, state);
  return cri;
}

/** Prunes on a disk of 10,000 bytes that holds the images and nothing else; `free` stands in for it. */
async function run(
  server: CriServer,
  plan: PrunePlan,
  given: {
    readonly free?: () => number | undefined;
    readonly modified?: (path: string) => Date | undefined;
    readonly signal?: AbortSignal;
  } = {},
): Promise<PruneResult> {
  const free = given.free ?? (() => 10_000 - server.state.images.reduce((sum, { bytes }) => sum + bytes, 0));
  const runtime = createCriRuntime(server.socket);
  try {
    return await prune(plan, {
      runtime,
      host: {
        room: async () => {
          const freeBytes = free();
          return freeBytes === undefined ? undefined : { totalBytes: 10_000, freeBytes, totalInodes: 1, freeInodes: 1 };
        },
        modified: given.modified ?? (() => undefined),
      },
      now: () => NOW,
      pause: async () => undefined,
      signal: given.signal ?? new AbortController().signal,
    });
  } finally {
    runtime.close();
  }
}

const outcomes = ({ images }: PruneResult) => images.map(({ outcome }) => outcome);
const removals = ({ calls }: CriServer) => calls.filter((call) => call.startsWith('RemoveImage'));

describe('pruning', () => {
  it('removes by id what the plan names and nothing uses, and measures what became free', async () => {
    const [a, b] = [madeImage(1), madeImage(2)];
    const server = await start({ images: [a, b] });
    const result = await run(server, planOf([planned(a)]));
    expect(outcomes(result)).toEqual([{ status: 'removed' }]);
    expect(result).toMatchObject({ ended: { status: 'done' }, freeBytes: { mountpoint: '/var/lib/images', before: 8_000, after: 9_000 } });
    expect(server.state.images).toEqual([b]);
    expect(removals(server)).toEqual([`RemoveImage ${a.id}`]);
  });

  it('done again says that the images are not there', async () => {
    const a = madeImage(1);
    const server = await start({ images: [a] });
    await run(server, planOf([planned(a)]));
    expect(outcomes(await run(server, planOf([planned(a)])))).toEqual([{ status: 'absent' }]);
  });

  const kept: readonly (readonly [KeepRule, Partial<CriState>, Partial<PrunePlan>, Partial<PlannedImage>])[] = [
    ['pinned', { images: [madeImage(1, { pinned: true })] }, {}, {}],
    ['in-use', { containers: [{ id: 'c', image: madeImage(1).id, state: 'exited' }] }, {}, {}],
    ['in-use', { containers: [{ id: 'c', image: madeImage(9).id, volumes: [...madeImage(1).tags] }] }, {}, {}],
    ['sandbox', { images: [madeImage(1, { tags: ['k8s.example/sig/pause:3.10'] })] }, {}, {}],
    [
      'sandbox',
      { images: [madeImage(1, { tags: ['r.example/own:1'] })], configuration: { config: '{"sandboxImage":"r.example/own:1"}' } },
      {},
      {},
    ],
    [
      'sandbox',
      { images: [madeImage(1, { tags: ['r.example/own:1'] })], configuration: { config: 'x = 1\npause_image = "r.example/own:1"\n' } },
      {},
      {},
    ],
    ['awaited', { images: [madeImage(1, { tags: ['docker.io/library/nginx:latest'] })] }, { awaited: ['nginx'] }, {}],
    ['awaited', {}, { awaited: [`registry.example/shop/app-1:9@${madeImage(1).digests[0]?.split('@')[1]}`] }, {}],
    ['pattern', {}, { keep: ['registry.example/*/app-*:1'] }, {}],
    ['too-young', {}, {}, { seenAt: '2026-01-01T23:30:00.000Z' }],
    [
      'other-names',
      { images: [madeImage(1, { tags: ['registry.example/shop/app-1:1', 'other.example/x:1'] })] },
      {},
      { tags: [...madeImage(1).tags] },
    ],
    ['other-names', {}, {}, { digests: [] }],
  ];
  it.each(kept)('keeps what is %s (%#)', async (rule, state, plan, image) => {
    const started: Partial<CriState> = { images: [madeImage(1)], ...structuredClone(state) };
    if (started.containers?.[0]?.image === madeImage(9).id) started.images?.push(madeImage(9));
    const server = await start(started);
    const [first] = server.state.images;
    const result = await run(server, planOf([planned(first ?? madeImage(1), image)], plan));
    expect(outcomes(result)).toEqual([{ status: 'kept', rule, because: expect.any(String) }]);
    expect(removals(server)).toEqual([]);
  });

  it('keeps what was removed and pulled again since it was planned, by the files of the node at its removal', async () => {
    const [a, b] = [madeImage(1), madeImage(2)];
    const server = await start({ images: [a, b] });
    let removed = 0;
    server.state.before = (call) => void (call === 'RemoveImage' && removed++);
    // The second is pulled anew while the first is removed.
    const modified = (path: string) =>
      new Date(removed > 0 && path.endsWith(b.id.slice(7)) ? '2026-01-01T23:30:00Z' : '2025-12-01T00:00:00Z');
    expect(outcomes(await run(server, planOf([planned(a), planned(b)]), { modified }))).toEqual([
      { status: 'removed' },
      { status: 'kept', rule: 'too-young', because: 'it is on the node since 2026-01-01T23:30:00.000Z' },
    ]);
  });

  it('goes by when it was seen where the files of the node are older', async () => {
    const server = await start({ images: [madeImage(1)] });
    const plan = planOf([planned(madeImage(1), { seenAt: '2026-01-01T23:30:00.000Z' })]);
    expect(outcomes(await run(server, plan, { modified: () => new Date('2025-01-01T00:00:00Z') }))).toEqual([
      { status: 'kept', rule: 'too-young', because: 'it was first seen at 2026-01-01T23:30:00.000Z' },
    ]);
  });

  it('looks at the containers anew before each removal', async () => {
    const [a, b] = [madeImage(1), madeImage(2)];
    const server = await start({ images: [a, b] });
    server.state.before = (call, about) => {
      if (call === 'RemoveImage' && about === a.id) server.state.containers = [{ id: 'late', image: b.id }];
      return undefined;
    };
    const result = await run(server, planOf([planned(a), planned(b)]));
    expect(outcomes(result)).toEqual([
      { status: 'removed' },
      { status: 'kept', rule: 'in-use', because: expect.stringContaining('shop/pod-late') },
    ]);
  });

  it('stops where the image of a container cannot be told', async () => {
    const [a, b] = [madeImage(1), madeImage(2)];
    const server = await start({ images: [a, b], containers: [{ id: 'c', image: b.id, asked: 'other.example/moved:1' }] }, 'crio');
    server.state.before = (call) => (call === 'ImageStatus' ? { code: 2, message: 'layer store is locked' } : undefined);
    const result = await run(server, planOf([planned(a)]));
    expect(result).toMatchObject({ ended: { status: 'unresolved', because: expect.stringContaining('layer store is locked') } });
    expect(outcomes(result)).toEqual([{ status: 'not-reached' }]);
    expect(server.state.images).toHaveLength(2);
  });

  it('stops for a name that the runtime does not know, and goes on for an id that is gone', async () => {
    const a = madeImage(1);
    const server = await start({ images: [a], containers: [{ id: 'c', image: 'other.example/gone:1' }] });
    expect((await run(server, planOf([planned(a)]))).ended.status).toBe('unresolved');
    server.state.containers = [{ id: 'c', image: madeImage(7).id }];
    expect(outcomes(await run(server, planOf([planned(a)])))).toEqual([{ status: 'removed' }]);
  });

  it('ends when the goal is reached, and not before the disk says so', async () => {
    const images = [1, 2, 3].map((number) => madeImage(number));
    const server = await start({ images });
    const result = await run(
      server,
      planOf(
        images.map((image) => planned(image)),
        { goalFreeBytes: 8_500 },
      ),
    );
    expect(result.ended.status).toBe('goal-reached');
    expect(outcomes(result).map(({ status }) => status)).toEqual(['removed', 'removed', 'not-reached']);
    expect(result.freeBytes).toMatchObject({ before: 7_000, after: 9_000, goal: 8_500 });
  });

  it('waits for space that becomes free later, and not for ever', async () => {
    const a = madeImage(1);
    const server = await start({ images: [a] });
    let measured = 0;
    const late = await run(server, planOf([planned(a)]), { free: () => (measured++ < 5 ? 100 : 900) });
    expect(late.freeBytes).toMatchObject({ before: 100, after: 900 });
    server.state.images = [a];
    expect((await run(server, planOf([planned(a)]), { free: () => 100 })).freeBytes).toMatchObject({ before: 100, after: 100 });
  });

  it('removes nothing for a goal that cannot be measured', async () => {
    const a = madeImage(1);
    const server = await start({ images: [a] });
    const plan = planOf([planned(a)], { goalFreeBytes: 1 });
    expect(await run(server, plan, { free: () => undefined })).toMatchObject({ ended: { status: 'unmeasured' } });
    expect(removals(server)).toEqual([]);
    const unmeasured = await run(server, planOf([planned(a)]), { free: () => undefined });
    expect(outcomes(unmeasured)).toEqual([{ status: 'removed' }]);
    expect(unmeasured.freeBytes).toBeUndefined();
  });

  it('says of the image whose removal was cut off that it does not know', async () => {
    const [a, b, c] = [madeImage(1), madeImage(2), madeImage(3)];
    const server = await start({ images: [a, b, c] });
    server.state.before = (call, about) => (call === 'RemoveImage' && about === b.id ? 'cut' : undefined);
    const result = await run(server, planOf([a, b, c].map((image) => planned(image))));
    expect(result.ended).toMatchObject({ status: 'runtime', because: expect.stringContaining('was cut') });
    expect(outcomes(result).map(({ status }) => status)).toEqual(['removed', 'unknown', 'not-reached']);
  });

  it('ends after the removal under way when it is told to', async () => {
    const [a, b] = [madeImage(1), madeImage(2)];
    const ending = new AbortController();
    const server = await start({ images: [a, b] });
    server.state.before = (call) => {
      if (call === 'RemoveImage') ending.abort();
      return undefined;
    };
    const result = await run(server, planOf([planned(a), planned(b)]), { signal: ending.signal });
    expect(result.ended.status).toBe('interrupted');
    expect(outcomes(result).map(({ status }) => status)).toEqual(['removed', 'not-reached']);
  });

  it('tells what CRI-O refuses to remove, by ids without an algorithm', async () => {
    const [a, b] = [madeImage(1), madeImage(2)];
    const server = await start({ images: [a, b] }, 'crio');
    server.state.before = (call, about) =>
      call === 'RemoveImage' && about === a.id.slice(7)
        ? { code: 2, message: 'image used by 0a1b: image is in use by a container' }
        : undefined;
    const result = await run(server, planOf([planned(a), planned(b)]));
    expect(outcomes(result)).toEqual([
      { status: 'kept', rule: 'refused', because: expect.stringContaining('image used by 0a1b') },
      { status: 'removed' },
    ]);
  });
});
