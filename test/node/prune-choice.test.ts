import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChoiceGiven, choosePrunePlan } from '../../src/node/prune/choose.ts';
import { listed, listingOf, madeImage } from '../support/node-images.ts';

const NOW = new Date('2026-01-02T00:00:00Z');
const MINUTE_MS = 60_000;

function choose(listing: ChoiceGiven['listing'], given: Partial<ChoiceGiven> = {}) {
  return choosePrunePlan({ listing, awaited: [], keep: [], minimumAgeMs: 60 * MINUTE_MS, now: NOW, ...given });
}

const used = { usedBy: [{ container: 'c', name: 'web', pod: 'shop/web', state: 'exited' as const, as: 'image' as const }] };
const room = (totalBytes: number, freeBytes: number) => ({ totalBytes, freeBytes, totalInodes: 1, freeInodes: 1 });

describe('a plan made from what a node lists', () => {
  it('has the unused images, the largest first, each with why, and the goal of a fifth that is free', () => {
    const images = [listed(madeImage(1)), listed(madeImage(2), { bytes: 3_000 }), listed(madeImage(3)), listed(madeImage(4), used)];
    const choice = choose(listingOf(images), { awaited: ['b:1', 'a:1', 'b:1'], keep: ['k8s.example/*'] });
    if (choice.status !== 'chosen') throw new Error(choice.because);
    const { plan, expectedBytes, left } = choice;
    expect(plan.images.map(({ id }) => id)).toEqual([madeImage(2).id, madeImage(1).id, madeImage(3).id]);
    expect(plan.images[0]).toEqual({
      ...{ id: madeImage(2).id, tags: madeImage(2).tags, digests: madeImage(2).digests, bytes: 3_000 },
      seenAt: '2026-01-01T00:00:00.000Z',
      because: 'no container uses it; here since 2026-01-01T00:00:00.000Z',
    });
    expect(plan).toMatchObject({ goalFreeBytes: 2_000, minimumAgeMs: 3_600_000, awaited: ['a:1', 'b:1'], keep: ['k8s.example/*'] });
    expect([expectedBytes, left]).toEqual([5_000, { 'in-use': 1 }]);
  });

  it('is of fifty images at most', () => {
    const images = Array.from({ length: 53 }, (_, number) => listed(madeImage(number), { bytes: number }));
    const choice = choose(listingOf(images));
    if (choice.status !== 'chosen') throw new Error(choice.because);
    expect([choice.plan.images.length, choice.plan.images.at(-1)?.bytes, choice.left]).toEqual([50, 3, { 'plan-full': 3 }]);
  });

  it('leaves out what may not come back, and whose age nobody knows', () => {
    const { since: _, ...ageless } = listed(madeImage(1));
    const images = [
      ageless,
      listed(madeImage(2), { since: '2026-01-01T23:59:00.000Z' }),
      listed(madeImage(3, { digests: [] })),
      listed(madeImage(4, { tags: ['down.example/a:1'] })),
      listed(madeImage(5)),
    ];
    const choice = choose(listingOf(images), { answering: ['registry.example'] });
    if (choice.status !== 'chosen') throw new Error(choice.because);
    expect(choice.plan.images.map(({ id }) => id)).toEqual([madeImage(5).id]);
    expect(choice.left).toEqual({ 'unknown-age': 1, 'too-young': 1, 'not-pulled': 1, 'registry-silent': 1 });
    expect(choose(listingOf(images), { answering: [] }).status).toBe('refused');
  });

  it('goes by the clock of the node where the one here is ahead', () => {
    const images = [listed(madeImage(1), { since: '2026-01-01T23:30:00.000Z' })];
    expect(choose(listingOf(images), { now: new Date('2026-01-03T00:00:00Z') }).status).toBe('refused');
  });

  const refused: readonly (readonly [what: string, listing: ChoiceGiven['listing'], because: string])[] = [
    [
      'the image of a container cannot be told',
      listingOf([listed(madeImage(1))], { unresolved: [{ container: 'c', name: 'web', because: 'The runtime names no image of it.' }] }),
      'The image of container web cannot be told, so any may be its: The runtime names no image of it.',
    ],
    [
      'the disk is not measured',
      listingOf([listed(madeImage(1))], {
        filesystems: [
          { of: 'images', mountpoint: '/var/lib/images' },
          { of: 'node', mountpoint: '/var/lib/kubelet', room: room(1, 0) },
        ],
      }),
      'The node could not measure the file system of its images, so nobody knows when enough is free.',
    ],
    [
      'enough is free already',
      listingOf([listed(madeImage(1))], { filesystems: [{ of: 'images', mountpoint: '/', room: room(10e9, 2e9) }] }),
      '2.0 GB of 10.0 GB are free for images, which is the goal of 20 % or more.',
    ],
    [
      'nothing may go',
      listingOf([listed(madeImage(1), { sandbox: true }), listed(madeImage(2), used), listed(madeImage(3), used)]),
      'Of 3 images none may go: 2 in use and 1 for the sandboxes of pods.',
    ],
    ['there is nothing', listingOf([]), 'The node has no image.'],
    [
      'a node would not take it',
      listingOf([listed(madeImage(1), { id: 'sha512:0' })]),
      'A node would not take the plan: images.0.id: is not the id of an image.',
    ],
  ];
  it.each(refused)('is refused where %s', (_, listing, because) => {
    expect(choose(listing)).toEqual({ status: 'refused', because });
  });
});

const REGISTRIES = ['one.example', 'two.example:5000', 'docker.io'];

/** True once in so many times. */
const onceIn = (times: number) => fc.nat(times - 1).map((drawn) => drawn === 0);

/** What is true of one image. */
const facts = fc.record({
  pinned: onceIn(8),
  sandbox: onceIn(8),
  used: onceIn(4),
  /** A pod that has not begun asks for it by its tag or its digest. */
  awaited: fc.option(fc.constantFrom('tags' as const, 'digests' as const), { freq: 3, nil: undefined }),
  patterned: onceIn(8),
  /** Minutes before the listing; after it where negative. */
  age: fc.option(fc.integer({ min: -30, max: 300 }), { freq: 8, nil: undefined }),
  pulled: onceIn(8).map((imported) => !imported),
  registries: fc.uniqueArray(fc.constantFrom(...REGISTRIES), { minLength: 1, maxLength: 2 }),
  bytes: fc.nat(5),
});

const state = fc.record({
  images: fc.array(facts, { maxLength: 80, size: 'max' }),
  unresolved: onceIn(10),
  minimumAge: fc.constantFrom(0, 60, 200),
  /** Minutes by which the clock here is ahead of the node's. */
  ahead: fc.constantFrom(-120, 0, 0, 0, 120),
  answering: fc.option(fc.subarray(REGISTRIES), { nil: undefined, freq: 2 }),
});

const ago = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE_MS);

/** The image of which that is true, and the name by which it is awaited. */
function imageOf(fact: Facts, number: number) {
  const { pinned, sandbox, bytes, age } = fact;
  const path = `${fact.patterned ? 'base' : 'shop'}/app-${number}`;
  const tags = fact.registries.map((registry) => `${registry}/${path}:1`);
  const digests = fact.registries.map((registry) => `${registry}/${path}@${madeImage(number + 500).id}`);
  const names = { tags, digests: fact.pulled ? digests : [] };
  const { since: _, ...image } = listed(madeImage(number, names), { pinned, sandbox, bytes, ...(fact.used ? used : {}) });
  // Pods leave out the registry of Docker Hub.
  const awaits = fact.awaited && names[fact.awaited].slice(0, 1).map((name) => name.replace('docker.io/', ''));
  return { fact, awaits: awaits ?? [], image: age === undefined ? image : { ...image, since: ago(age).toISOString() } };
}
type Facts = typeof facts extends fc.Arbitrary<infer Drawn> ? Drawn : never;

describe('a plan whatever a node lists', () => {
  it('never names an image that is in use, pinned, of a sandbox, awaited, young, kept, not pulled or from a silent registry', () => {
    let chosen = 0;
    fc.assert(
      fc.property(state, ({ images, unresolved, minimumAge, ahead, answering }) => {
        const rows = images.map(imageOf);
        const unknown = { unresolved: [{ container: 'c', name: 'c', because: 'no' }] };
        const choice = choose(
          listingOf(
            rows.map(({ image }) => image),
            unresolved ? unknown : {},
          ),
          {
            awaited: rows.flatMap(({ awaits }) => awaits),
            keep: ['*/base/*'],
            minimumAgeMs: minimumAge * MINUTE_MS,
            now: ago(-ahead),
            answering,
          },
        );
        const free = rows.filter(
          ({ fact: { pinned, sandbox, used: inUse, patterned, pulled, age = 0, registries }, awaits }) =>
            !(pinned || sandbox || inUse || patterned || awaits.length > 0) &&
            pulled &&
            age + Math.min(0, ahead) >= minimumAge &&
            registries.every((registry) => answering?.includes(registry) ?? true),
        );
        if (unresolved || free.length === 0) return void expect(choice.status).toBe('refused');
        if (choice.status !== 'chosen') throw new Error(choice.because);
        const wanted = free.map(({ image }) => image).sort((a, b) => b.bytes - a.bytes || a.id.localeCompare(b.id));
        expect(choice.plan.images.map(({ id }) => id)).toEqual(wanted.slice(0, 50).map(({ id }) => id));
        expect(Object.values(choice.left).reduce((sum, n) => sum + n, choice.plan.images.length)).toBe(images.length);
        chosen += 1;
      }),
      { numRuns: 500 },
    );
    // Where there is mostly nothing to choose, little was shown.
    expect(chosen).toBeGreaterThan(150);
  });
});
