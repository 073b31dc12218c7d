import { describe, expect, it } from 'vitest';
import { checkedPod, clickValue, parseClick, podOf } from '../../src/slack/click-value.ts';

describe('what comes back with a click', () => {
  it('is what was put on the button', () => {
    const about = { kind: 'pod', id: 'prod/eu/shop/web-0' } as const;
    const click = parseClick(clickValue({ action: 'diagnose', about }));
    expect(click).toEqual({ action: 'diagnose', about });
    expect(click && podOf(click.about)).toEqual({ cluster: 'prod/eu', namespace: 'shop', pod: 'web-0' });
  });

  it.each(['', 'page', 'rerun', 'rerun incident ', 'explode incident i', 'rerun house i', `rerun incident ${'x'.repeat(501)}`])(
    'is nothing where it is %j',
    (value) => expect(parseClick(value)).toBeUndefined(),
  );

  it.each([
    ['prod', 'kube system', 'web-0'],
    ['prod', 'shop', '<!channel>'],
    ['prod', 'Shop', 'web-0'],
    ['', 'shop', 'web-0'],
    ['prod', 'shop', ''],
  ])('is no pod where it is %s %s %s', (cluster, namespace, pod) => {
    expect(checkedPod({ cluster, namespace, pod })).toBeUndefined();
    expect(podOf({ kind: 'pod', id: `${cluster}/${namespace}/${pod}` })).toBeUndefined();
  });
});
