import { expect, it } from 'vitest';
import { SILENT } from '../../src/telemetry/log.ts';
import { sweep } from '../../src/watch/sweep.ts';
import { podObject } from '../support/objects.ts';
import { classify } from '../support/rules.ts';

const unasked = () => {
  throw new Error('not asked for');
};

/** Sweeps over two pages of a pod each; the watch is stopped after so many of them. */
async function swept(stopsAfter: number) {
  const stop = new AbortController();
  let pages = 0;
  return sweep(
    {
      optIn: async (sightings) => sightings,
      name: 'prod',
      cluster: {
        watchEvents: unasked,
        readPod: unasked,
        listPodEvents: unasked,
        readNamespace: unasked,
        async listPods() {
          pages += 1;
          if (pages === stopsAfter) stop.abort();
          const failing = podObject({ name: `web-${pages}`, waiting: { reason: 'ErrImagePull', message: 'not found' } });
          return { pods: [failing], ...(pages === 1 ? { more: { continueFrom: 'page 2' } } : {}) };
        },
      },
      classify,
      detector: { see: unasked },
      onSweep: unasked,
      mayRead: () => true,
      settings: { announceAfterMs: 0, sweepMs: 1, readsPerMinute: 1, optIn: false },
      onRestart: unasked,
      log: SILENT,
      now: () => new Date(),
    },
    stop.signal,
  );
}

it('sees what fails on every page', async () => {
  expect((await swept(9)).failing.map(({ pod }) => pod)).toEqual(['web-1', 'web-2']);
});

it('is no sweep where the watch stops in between: what it did not see is not over', async () => {
  await expect(swept(1)).rejects.toThrow(/abort/i);
});
