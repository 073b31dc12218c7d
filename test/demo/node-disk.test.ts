import { expect, it } from 'vitest';
import { NodeDisk } from '../../src/demo/kubelet/node-disk.ts';

const id = (n: number) => `sha256:${n.toString(16).padStart(64, '0')}`;

function world() {
  const happened: string[] = [];
  const disk = new NodeDisk({ now: () => new Date('2026-03-01T12:00:00Z'), onRoom: () => void happened.push('room') });
  const bring = (n: number, tag = `shop/web:${n}`) =>
    disk.brings({ id: id(n), tag, digest: `shop/web@${id(n)}` }, () => void happened.push(`forgets ${tag}`));
  return { disk, bring, happened };
}

it('knows an image by all its names, and since when it is there', () => {
  const { disk, bring, happened } = world();
  bring(1);
  bring(1, 'shop/web:latest');
  bring(1, `shop/web@${id(1)}`);
  expect(disk.images).toMatchObject([
    { id: id(1), tags: ['shop/web:1', 'shop/web:latest'], digests: [`shop/web@${id(1)}`], since: new Date('2026-03-01T12:00:00Z') },
  ]);
  const before = disk.freeBytes;
  disk.remove(id(1));
  expect([disk.images, disk.freeBytes > before]).toEqual([[], true]);
  expect(happened).toEqual(['forgets shop/web:1', 'forgets shop/web:latest', `forgets shop/web@${id(1)}`]);
});

it('is full once something else has taken what is left, until images that are removed leave room', () => {
  const { disk, bring, happened } = world();
  for (const n of [1, 2, 3, 4, 5, 6]) bring(n);
  disk.fill();
  expect(disk.freeBytes).toBeLessThan(0.02 * disk.totalBytes);
  const rooms = () => happened.filter((what) => what === 'room').length;
  for (const n of [1, 2, 3, 4]) disk.remove(id(n));
  expect(rooms()).toBe(0);
  disk.remove(id(5));
  expect([rooms(), disk.freeBytes > 0.15 * disk.totalBytes]).toEqual([1, true]);
  disk.remove(id(6));
  disk.remove('sha256:none');
  expect(rooms()).toBe(1);
});
