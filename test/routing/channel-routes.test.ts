import { describe, expect, it } from 'vitest';
import { CHANNEL_MARK, Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { routeByRows } from '../../src/routing/channel-routes.ts';
import type { RouteSubject } from '../../src/routing/route.ts';

const ROWS = [
  { clusters: ['prod'], namespaces: ['shop-*'], labels: { team: 'pay' }, channel: 'CPAY' },
  { clusters: ['prod'], namespaces: ['shop-*'], labels: {}, channel: 'CSHOP' },
  { clusters: ['*'], namespaces: ['infra'], labels: {}, channel: 'CINFRA' },
];
const POD: RouteSubject = { cluster: 'prod', namespace: 'shop-eu', workload: 'Deployment/web', labels: {}, annotations: {} };

function channelOf(about: Partial<RouteSubject>, fallback: string | undefined = 'CDEFAULT'): string | undefined {
  return routeByRows({ default: fallback, routes: ROWS })({ ...POD, ...about })?.place.channel;
}

describe('the channel for what nobody asked for', () => {
  it('is that of the first row that fits cluster, namespace and labels', () => {
    expect(channelOf({ labels: { team: 'pay' } })).toBe('CPAY');
    expect(channelOf({ labels: { team: 'web' } })).toBe('CSHOP');
    expect(channelOf({ cluster: 'staging', namespace: 'infra' })).toBe('CINFRA');
  });

  it('is the default where no row fits, and none without a default', () => {
    expect(channelOf({ cluster: 'staging' })).toBe('CDEFAULT');
    expect(routeByRows({ routes: ROWS })({ ...POD, cluster: 'staging' })).toBeUndefined();
  });

  it('is the one an annotation names, if that is configured for the namespace', () => {
    const { metadata } = Pod.parse({
      metadata: { name: 'web-0', annotations: { 'imagepull.dev/channel': 'CPAY' } },
      spec: { containers: [] },
      status: {},
    });
    expect(channelOf({ annotations: metadata.annotations ?? {} })).toBe('CPAY');
  });

  it('has quiet hours and whom to mention of its row, else those of all channels; a row may have none', () => {
    const quietHours = { from: '22:00', to: '07:00', timeZone: 'UTC' };
    const route = routeByRows({
      default: 'CDEFAULT',
      mention: ['S0ALL'],
      quietHours,
      routes: [
        { clusters: ['*'], namespaces: ['shop-*'], labels: { tier: 'gold' }, channel: 'CSHOP', mention: ['S0SHOP'], quietHours: 'off' },
        { clusters: ['*'], namespaces: ['shop-*'], labels: {}, channel: 'CSHOP', mention: [] },
      ],
    });
    expect(route({ ...POD, labels: { tier: 'gold' } })).toEqual({ place: { channel: 'CSHOP' }, mention: ['S0SHOP'] });
    expect(route(POD)).toEqual({ place: { channel: 'CSHOP' }, mention: [], quietHours });
    expect(route({ ...POD, namespace: 'infra' })).toEqual({ place: { channel: 'CDEFAULT' }, mention: ['S0ALL'], quietHours });
  });

  it('is never one of another namespace or an invented one, whatever an annotation says', () => {
    expect(channelOf({ annotations: { [CHANNEL_MARK]: 'CINFRA' } })).toBe('CSHOP');
    expect(channelOf({ annotations: { [CHANNEL_MARK]: 'CSECRET' } })).toBe('CSHOP');
    expect(channelOf({ cluster: 'staging', annotations: { [CHANNEL_MARK]: 'CSHOP' } })).toBe('CDEFAULT');
  });
});
