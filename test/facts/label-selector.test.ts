import { describe, expect, it } from 'vitest';
import { labelSelectorText, matchesLabels, parseLabelSelector } from '../../src/facts/kubernetes/label-selector.ts';
import { PATIENCE_MS } from '../support/eventually.ts';

const labels = { app: 'web', 'shop.example/tier': 'front', weight: '5' };

describe('a label selector', () => {
  it.each([
    ['', false],
    ['app', true],
    ['!app', false],
    ['!canary', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web', true],
    ['app=', false],
    ['app!=web', false],
    ['canary!=yes', true],
    ['app in (api, web)', true],
    ['app in (api)', false],
    ['app notin (api),shop.example/tier=front', true],
    ['app=web,shop.example/tier=back', false],
    ['weight>4', true],
    ['weight<5', false],
    ['app>4', false],
  ])('%j on the labels of the pod is %s', (text, matches) => {
    const selector = parseLabelSelector(text);
    expect(selector === undefined ? false : matchesLabels(selector, labels)).toBe(matches);
  });

  it.each([
    '',
    ',',
    'app=web,',
    '=web',
    'app=a b',
    'app in web',
    'app in (a',
    'Ä=b',
    'app=-x',
    'weight>many',
    'a/b/c',
    `app=${'x'.repeat(64)}`,
    '$(reboot)',
  ])('that reads %j is refused, as the API server would', (text) => {
    expect(parseLabelSelector(text)).toBeUndefined();
  });

  it('of a workload is written as kubectl takes it, and reads back', () => {
    const text = labelSelectorText({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['a', 'b'] },
        { key: 'env', operator: 'NotIn', values: ['dev'] },
        { key: 'release', operator: 'Exists' },
        { key: 'canary', operator: 'DoesNotExist' },
      ],
    });
    expect(text).toBe('app=web,tier in (a,b),env notin (dev),release,!canary');
    expect(parseLabelSelector(text)).toHaveLength(5);
  });

  it('of any length is read in time that grows with it', () => {
    const before = performance.now();
    for (const text of [
      '('.repeat(4_000),
      `${'a,'.repeat(2_000)}=`,
      `a in (${','.repeat(3_000)}`,
      ' '.repeat(4_000),
      'a'.repeat(1_000_000),
    ])
      parseLabelSelector(text);
    expect(performance.now() - before).toBeLessThan(PATIENCE_MS);
  });
});
