import { describe, expect, it } from 'vitest';
import { Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { withShortMessages } from '../../src/facts/short-messages.ts';
import { mapInSlices, remembered } from '../../src/scan/in-slices.ts';
import { podObject } from '../support/objects.ts';

describe('work on many things', () => {
  it('keeps their order and lets other work through in between', async () => {
    const order: (number | string)[] = [];
    setImmediate(() => order.push('other work'));
    const busyUntil = (ms: number) => {
      const end = performance.now() + ms;
      while (performance.now() < end);
    };
    const results = await mapInSlices([1, 2, 3], (item) => {
      busyUntil(11);
      order.push(item);
      return item * 2;
    });
    expect(results).toEqual([2, 4, 6]);
    expect(order).toEqual([1, 'other work', 2, 3]);
  });

  it('is done once for the same text', () => {
    let times = 0;
    const length = remembered((text) => {
      times += 1;
      return text.length;
    });
    expect([length('ab'), length('ab'), length('c')]).toEqual([2, 2, 1]);
    expect(times).toBe(2);
  });
});

describe('a pod of a list', () => {
  it('has messages of a length that a scan can bear, with their beginning and their end', () => {
    const message = `Failed to pull image "registry.example/shop/web:1": ${'x'.repeat(1_000_000)}: not found`;
    const pod = withShortMessages(podObject({ waiting: { reason: 'ErrImagePull', message } }));
    const text = JSON.stringify(pod);
    expect(text.length).toBeLessThan(4_000);
    expect(text).toContain('registry.example/shop/web:1');
    expect(text).toContain('x: not found');
    expect(Pod.parse(JSON.parse(text))).toEqual(JSON.parse(text));
  });

  it('is left as it is where its messages are short', () => {
    const pod = podObject({ waiting: { reason: 'ErrImagePull', message: 'not found' } });
    expect(JSON.parse(JSON.stringify(withShortMessages(pod)))).toEqual(JSON.parse(JSON.stringify(pod)));
  });
});
