import { describe, expect, it } from 'vitest';
import { AlertSource, boundsOf } from '../../src/alerts/source.ts';

const SOURCE = {
  name: 'prom',
  sender: 'alertmanager',
  cluster: 'prod',
  authentication: { scheme: 'bearer', secret: 'ALERTS_TOKEN' },
} as const;

describe('a source of alerts', () => {
  it('has an authentication, whose secrets stand in the environment', () => {
    expect(AlertSource.parse(SOURCE)).toEqual({
      ...SOURCE,
      clusters: [],
      perMinute: 600,
      authentication: { scheme: 'bearer', secret: ['ALERTS_TOKEN'] },
    });
    expect(AlertSource.parse({ ...SOURCE, authentication: { scheme: 'grafana', secret: ['NEW', 'OLD'] } }).authentication).toEqual({
      scheme: 'grafana',
      header: 'X-Grafana-Alerting-Signature',
      secret: ['NEW', 'OLD'],
    });
  });

  it.each([
    [{ authentication: undefined }, 'authentication'],
    [{ authentication: { scheme: 'none' } }, 'authentication'],
    [{ authentication: { scheme: 'bearer', secret: 'hunter2' } }, 'environment variable'],
    [{ authentication: { scheme: 'bearer', secret: [] } }, 'secret'],
    [{ authentication: { scheme: 'basic', secret: 'A' } }, 'user'],
    [{ name: '../x' }, 'name'],
    [{ sender: 'opsgenie' }, 'sender'],
    [{ cluster: '' }, 'cluster'],
    [{ namespaces: ['Shop'] }, 'namespace'],
    [{ mapping: {} }, 'only a generic source'],
    [{ open: true }, 'Unrecognized key'],
  ])('with %j is refused', (change, why) => {
    const result = AlertSource.safeParse({ ...SOURCE, ...change });
    expect(result.success).toBe(false);
    expect(JSON.stringify(result.error?.issues)).toContain(why);
  });

  it('may have a mapping if it is generic', () => {
    expect(AlertSource.safeParse({ ...SOURCE, sender: 'generic', mapping: { name: '$.title' } }).success).toBe(true);
  });
});

describe('what a source may speak of', () => {
  const bound = { cluster: 'prod', clusters: ['staging'], namespaces: ['shop', 'team-*'] };
  it.each([
    [{ namespace: 'shop' }, { status: 'within', cluster: 'prod' }],
    [
      { namespace: 'team-a', cluster: 'staging' },
      { status: 'within', cluster: 'staging' },
    ],
    [
      { namespace: 'shop', cluster: 'other' },
      { status: 'outside', because: expect.stringContaining('cluster') },
    ],
    [{ namespace: 'kube-system' }, { status: 'outside', because: expect.stringContaining('that namespace') }],
    [{ node: 'node-1' }, { status: 'outside', because: expect.stringContaining('no namespace') }],
  ])('%j', (location, expected) => {
    expect(boundsOf(bound, location)).toEqual(expected);
  });

  it('is every namespace of its cluster if it is bound to none', () => {
    expect(boundsOf({ cluster: 'prod', clusters: [] }, { node: 'node-1' })).toEqual({ status: 'within', cluster: 'prod' });
  });
});
