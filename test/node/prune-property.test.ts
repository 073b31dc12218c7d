import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCriRuntime } from '../../src/node/cri/cri-runtime.ts';
import { CONTAINER_STATES } from '../../src/node/cri/runtime.ts';
import { prune } from '../../src/node/prune/prune.ts';
import { type CriState, type HeldContainer, startCriServer } from '../support/cri-server.ts';
import { imageId, madeImage, planned } from '../support/node-images.ts';

const IMAGES = 8;
const number = fc.nat(IMAGES - 1);

/** Containers by the id, a tag or a digest of their image, some with other images mounted. */
const container = fc.record({
  image: number,
  by: fc.constantFrom('id', 'tag', 'digest'),
  state: fc.constantFrom(...CONTAINER_STATES),
  volumes: fc.array(number, { maxLength: 2 }),
});

const world = fc.record({
  kind: fc.constantFrom('containerd' as const, 'crio' as const),
  pinned: fc.uniqueArray(number, { maxLength: 3 }),
  untagged: fc.uniqueArray(number, { maxLength: 3 }),
  containers: fc.array(container, { maxLength: 5 }),
  /** Begin right before the removal of so many images. */
  late: fc.array(fc.record({ after: fc.nat(4), container }), { maxLength: 3 }),
  planned: fc.uniqueArray(number, { minLength: 1 }),
});

const nameOf = (image: number, by: 'id' | 'tag' | 'digest') => {
  const made = madeImage(image);
  return (by === 'tag' ? made.tags[0] : by === 'digest' ? made.digests[0] : undefined) ?? made.id;
};

describe('pruning whatever a node holds', () => {
  it('never touches an image that is pinned, outside the plan, or in use when its removal is decided', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ kind, pinned, untagged, containers, late, planned: wanted }) => {
        const images = Array.from({ length: IMAGES }, (_, index) =>
          madeImage(index, { pinned: pinned.includes(index), ...(untagged.includes(index) ? { tags: [] } : {}) }),
        );
        const held = (given: (typeof containers)[number], id: string): HeldContainer => ({
          id,
          image: imageId(given.image),
          // A name that is gone would stop the run, which is another test.
          asked: nameOf(given.image, untagged.includes(given.image) && given.by === 'tag' ? 'id' : given.by),
          state: given.state,
          volumes: given.volumes.map((volume) => nameOf(volume, 'digest')),
        });
        const usedBy = ({ image, volumes = [] }: HeldContainer) => [
          image,
          ...volumes.map((name) => images.find(({ digests }) => digests.includes(name))?.id),
        ];
        const touched: string[] = [];
        const server = await startCriServer(kind, {
          images: [...images],
          containers: containers.map((given, index) => held(given, `c${index}`)),
        });
        const { state } = server;
        /** What was in use when the containers were last listed: nothing can be known later than that. */
        let inUse: readonly (string | undefined)[] = [];
        let listed = 0;
        const before: CriState['before'] = (call, about) => {
          if (call === 'ListContainers') {
            const begun = late.flatMap(({ after, container: given }, index) => (after === listed ? [held(given, `late${index}`)] : []));
            state.containers = [...state.containers, ...begun.filter(({ image }) => state.images.some(({ id }) => id === image))];
            listed += 1;
            inUse = state.containers.flatMap(usedBy);
          }
          if (call !== 'RemoveImage') return undefined;
          const id = `sha256:${about.replace(/^sha256:/, '')}`;
          touched.push(id);
          const image = images.find((one) => one.id === id);
          expect(image?.pinned).toBe(false);
          expect(inUse).not.toContain(id);
          expect(wanted.map(imageId)).toContain(id);
          return undefined;
        };
        const problems: unknown[] = [];
        state.before = (call, about) => {
          try {
            return before(call, about);
          } catch (cause) {
            problems.push(cause);
            return undefined;
          }
        };
        const runtime = createCriRuntime(server.socket);
        try {
          const result = await prune(
            {
              schemaVersion: 1,
              images: wanted.map((index) => planned(images[index] ?? madeImage(index))),
              minimumAgeMs: 0,
              keep: [],
              awaited: [],
            },
            {
              runtime,
              host: { room: async () => undefined, modified: () => undefined },
              now: () => new Date('2026-01-02T00:00:00Z'),
              pause: async () => undefined,
              signal: new AbortController().signal,
            },
          );
          if (problems.length > 0) throw problems[0];
          // Whatever is told of an image is so.
          for (const { planned: image, outcome } of result.images) {
            const there = state.images.some(({ id }) => id === image.id);
            if (outcome.status === 'removed' || outcome.status === 'absent') expect(there).toBe(false);
            else expect(there).toBe(true);
          }
          expect(state.images.length).toBe(IMAGES - touched.length);
        } finally {
          runtime.close();
          await server.stop();
        }
      }),
      { numRuns: 400 },
    );
  });
});
