import { describe, expect, it } from 'vitest';
import { alertsOfMessage } from '../../src/alerts/message-alerts.ts';
import { relevanceOf } from '../../src/alerts/relevance.ts';

const read = (text: string) => alertsOfMessage(text, { source: 'slack', id: 'C1.1' });

describe('a message of another app', () => {
  it('stands for an alert about each pod that it names', () => {
    const text = '[FIRING:2] KubePodNotReady (prod)\nnamespace=shop pod=web-0\nnamespace=pay pod=api-0';
    expect(read(text)).toMatchObject([
      { id: 'C1.1.0', name: 'KubePodNotReady', status: 'firing', location: { namespace: 'shop', pod: 'web-0' } },
      { id: 'C1.1.1', location: { namespace: 'pay', pod: 'api-0' } },
    ]);
  });

  it.each([
    ['*alertname:* KubePodCrashLooping\n*namespace:* shop *pod:* web-0', 'drop'],
    ['alertname="KubeContainerWaiting" namespace="shop" pod="web-0"', 'look'],
    ['Pod shop/web-0 is not ready', 'look'],
    ['Failed to pull image somewhere, have a look', 'ask'],
    ['Deploy of shop finished', 'drop'],
    ['', 'drop'],
  ])('%j: %s', (text, status) => {
    expect(read(text).map((alert) => relevanceOf(alert).status)).toEqual([status]);
  });

  it.each(['[RESOLVED] KubePodNotReady', 'Resolved: pod is fine', '✅ Recovered: web'])('says in %j that it is over', (text) => {
    expect(read(text)[0]?.status).toBe('resolved');
  });

  it('keeps no secret of it, and is bounded', () => {
    const many = Array.from({ length: 500 }, (_, n) => `namespace=shop pod=web-${n}`).join('\n');
    const alerts = read(`password=canary-password ${many}`);
    expect([alerts.length, JSON.stringify(alerts).includes('canary')]).toEqual([20, false]);
  });
});
