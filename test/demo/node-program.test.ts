import { afterEach, expect, it } from 'vitest';
import { Clock } from '../../src/demo/clock.ts';
import { ObjectStore } from '../../src/demo/cluster/object-store.ts';
import { WrittenObject } from '../../src/demo/cluster/objects.ts';
import { resourceOfKind } from '../../src/demo/cluster/resources.ts';
import { startKubelet } from '../../src/demo/kubelet/kubelet.ts';
import { NodeDisk } from '../../src/demo/kubelet/node-disk.ts';
import { nodeProgram } from '../../src/demo/kubelet/node-program.ts';
import { ImagesDocument, PruneDocument } from '../../src/node/document.ts';

const IMAGE = `127.0.0.1:1/imagepull/imagepull@sha256:${'a'.repeat(64)}`;
const [OWN, OLD] = [`sha256:${'b'.repeat(64)}`, `sha256:${'c'.repeat(64)}`];
let end: (() => void) | undefined;
afterEach(() => end?.());

/** A node with its kubelet, on whose disk are the program's own image and an old one that nothing uses. */
function world() {
  const clock = new Clock(new Date('2026-03-01T12:00:00Z'), (cause) => expect.fail(String(cause)));
  const store = new ObjectStore({ now: () => clock.now(), newUid: () => crypto.randomUUID() });
  const disk = new NodeDisk({ now: () => clock.now(), onRoom: () => undefined });
  disk.brings({ id: OWN, tag: IMAGE, digest: IMAGE }, () => undefined);
  disk.brings({ id: OLD, tag: 'shop/web:1', digest: `shop/web@${OLD}` }, () => undefined);
  const logs = new Map<string, string>();
  const printed = (uid: string, output: string) => void logs.set(uid, output);
  const program = nodeProgram({ image: IMAGE, node: 'node-1', store, disk, now: () => clock.now(), printed });
  end = startKubelet({ store, clock, random: () => 0.5, node: 'node-1', disk, program });
  const task = (args: readonly string[], volumes: readonly object[] = []) => {
    const spec = { nodeName: 'node-1', containers: [{ name: 'task', image: IMAGE, imagePullPolicy: 'Never', args }], volumes };
    store.put({
      ...WrittenObject.parse({ metadata: { name: 'task', namespace: 'tasks' } }),
      kind: 'Pod',
      spec,
      status: { phase: 'Pending' },
    });
  };
  const pod = () => store.get(resourceOfKind('Pod'), 'tasks/task');
  const log = () => logs.get(pod()?.metadata.uid ?? '') ?? '';
  return { clock, store, disk, task, pod, log };
}

it('lists the images of the node with what uses them, as the program for nodes does, and ends', async () => {
  const { clock, task, pod, log } = world();
  await clock.step(3_600_000);
  task(['images', '--host-root', '/host']);
  await clock.step(5_000);
  expect(pod()?.['status']).toMatchObject({ phase: 'Succeeded', containerStatuses: [{ state: { terminated: { exitCode: 0 } } }] });
  const { images, unresolved } = ImagesDocument.parse(JSON.parse(log()));
  expect(images.map(({ id, usedBy, since }) => [id, usedBy.length, since])).toEqual([
    [OWN, 1, '2026-03-01T12:00:00.000Z'],
    [OLD, 0, '2026-03-01T12:00:00.000Z'],
  ]);
  expect(unresolved).toEqual([]);
});

it('waits for the Secret that it reads, and removes what the plan in it names', async () => {
  const { clock, store, disk, task, pod, log } = world();
  await clock.step(2 * 3_600_000);
  task(['prune', '--host-root', '/host', '--plan', '/task/input.json'], [{ name: 'input', secret: { secretName: 'task' } }]);
  await clock.step(5_000);
  expect(pod()?.['status']).toMatchObject({ phase: 'Pending' });
  const events = [...store.range(resourceOfKind('Event'), { prefix: 'tasks/', from: 'tasks/' })].map(([, event]) => event['message']);
  expect(events).toEqual(['MountVolume.SetUp failed for volume "input" : secret "tasks/task" not found']);
  const plan = {
    schemaVersion: 1,
    images: [{ id: OLD, tags: ['shop/web:1'], digests: [`shop/web@${OLD}`], bytes: 1, seenAt: '2026-03-01T12:00:00Z', because: 'unused' }],
  };
  const data = { 'input.json': Buffer.from(JSON.stringify(plan)).toString('base64') };
  store.put({ ...WrittenObject.parse({ metadata: { name: 'task', namespace: 'tasks' } }), kind: 'Secret', data });
  await clock.step(5_000);
  expect(pod()?.['status']).toMatchObject({ phase: 'Succeeded' });
  expect(PruneDocument.parse(JSON.parse(log()))).toMatchObject({ images: [{ id: OLD, outcome: { status: 'removed' } }] });
  expect(disk.images.map(({ id }) => id)).toEqual([OWN]);
});
