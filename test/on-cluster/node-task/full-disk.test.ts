import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choosePrunePlan } from '../../../src/node/prune/choose.ts';
import { runNodeTask } from '../../../src/node-task/run-node-task.ts';
import type { TaskWork } from '../../../src/node-task/task-pod.ts';
import type { TaskResult } from '../../../src/node-task/task-steps.ts';
import { eventually } from '../../support/eventually.ts';
import { planned, planOf } from '../../support/node-images.ts';
import { pushUnpackable } from '../../support/push-layers.ts';
import { pullableImage } from '../tag.ts';
import { smallDisk } from './small-disk.ts';
import { type NodeTaskWorld, nodeTaskWorld, taskOrder } from './world.ts';

const PATIENCE_MS = 240_000;
/** DiskPressure stays for five minutes once there is room. */
const RELIEF_MS = 600_000;

const disk = smallDisk();

describe.skipIf(disk === undefined)('a node whose images fill their disk', () => {
  let world: NodeTaskWorld;
  beforeAll(async () => {
    world = await nodeTaskWorld();
  }, PATIENCE_MS);
  afterAll(async () => {
    await underPressure('False');
    await world?.stop();
  }, RELIEF_MS);

  const { node, filledTo } = disk ?? { node: '', filledTo: () => Promise.reject(new Error('no disk is named')) };

  function underPressure(status: 'True' | 'False'): Promise<void> {
    const path = 'jsonpath={.status.conditions[?(@.type=="DiskPressure")].status}';
    return eventually(async () => expect(await world.own.kubectl('get', 'node', node, '-o', path)).toBe(status), RELIEF_MS);
  }
  const run = (work: TaskWork): Promise<TaskResult> => runNodeTask(taskOrder(world.newName(), node, work), world.runner);

  it('lists and prunes, and does no other task', { timeout: RELIEF_MS }, async () => {
    await world.holdImage(node);
    const [registry = ''] = pullableImage().repository.split('/', 1);
    const tag = randomUUID();
    const unused = `${registry}/imagepull-pruned:${tag}`;
    await pushUnpackable({ origin: `http://${registry}`, repository: 'imagepull-pruned' }, tag, { seed: tag });
    await world.bringTo(node, unused);
    await filledTo(0.08, async () => {
      await underPressure('True');
      expect(await run({ kind: 'probe', image: unused, allowLoopback: true })).toMatchObject({
        status: 'failed',
        because: expect.stringContaining('DiskPressure'),
      });
      const before = listingOf(await run({ kind: 'images' }));
      const images = before.filesystems.find(({ of }) => of === 'images');
      expect((images?.room?.freeBytes ?? 0) / (images?.room?.totalBytes ?? 0)).toBeLessThan(0.15);
      const choice = choosePrunePlan({ listing: before, awaited: [], keep: [], minimumAgeMs: 0, now: new Date() });
      // The kubelet removes unused images as well, once it has known them for two minutes; whichever was first, none is left.
      const found = before.images.find(({ tags }) => tags.includes(unused));
      if (found) {
        if (choice.status !== 'chosen') throw new Error(choice.because);
        expect(choice.plan.images.map(({ id }) => id)).toContain(found.id);
        const plan = planOf([planned(found)], { minimumAgeMs: 0 });
        const pruned = await run({ kind: 'prune', plan: JSON.stringify(plan) });
        expect(pruned).toMatchObject({ status: 'done', document: { ended: { status: 'done' } } });
      }
      const after = listingOf(await run({ kind: 'images' }));
      expect(after.images.some(({ tags }) => tags.includes(unused))).toBe(false);
      expect(after.images.some(({ digests }) => digests.includes(world.image))).toBe(true);
    });
  });
});

function listingOf(result: TaskResult) {
  if (result.status !== 'done' || result.document.kind !== 'images') throw new Error(JSON.stringify(result));
  return result.document;
}
