import { describe, expect, it } from 'vitest';
import type { ClusterReader } from '../../src/cluster/cluster.ts';
import { observed } from '../../src/diagnosis/evidence.ts';
import type { Finding } from '../../src/diagnosis/finding.ts';
import type { Event, Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { findBlockingPull } from '../../src/steps/find-blocking-pull.ts';
import { eventObject, podObject } from '../support/objects.ts';
import { probeContext } from '../support/probe-context.ts';

const IMAGE = 'registry.example/shop/web:1';
const BIG = 'big.example/model:1';
const hanging: Finding = {
  code: 'pod/pull-no-progress',
  says: 'x',
  container: 'app',
  evidence: [observed('pod-event', { from: 'node', at: '2026-03-01T10:05:00Z', text: 'x' })],
};
const at = (time: string) => `2026-03-01T10:${time}Z`;

interface Story {
  readonly pod: Pod;
  readonly events: readonly Event[];
}

/** Events about container `app` of a pod, as the kubelet's recorder folds them. */
function about(pod: string) {
  const event = (reason: string, message: string) => (times: number, first: string, last: string) => ({
    ...eventObject({ reason, message, times, first: at(first), last: at(last), pod, uid: `uid-${pod}` }),
    source: { host: 'node-1' },
  });
  return (image: string) => ({
    pulling: event('Pulling', `Pulling image "${image}"`),
    failed: event('Failed', `Failed to pull image "${image}": failed to resolve image: ${image}: not found`),
    backOff: event('BackOff', `Back-off pulling image "${image}"`),
    pulled: event('Pulled', `Successfully pulled image "${image}" in 1s (1s including waiting). Image size: 1 bytes.`),
  });
}

const OURS: Story = { pod: podObject({ image: IMAGE }), events: [about('web-0')(IMAGE).pulling(1, '05:00', '05:00')] };
/** A pull that began and ended with nothing. */
const hangs = (name: string, since: string, node = 'node-1'): Story => ({
  pod: podObject({ name, image: BIG, node }),
  events: [about(name)(BIG).pulling(1, since, since)],
});
/** A pod that fails again and again; its newest Pulling event may be older than any other. */
function fails(name: string, last: string, given: { readonly dropped?: boolean } = {}): Story {
  const image = `registry.example/shop/${name}:1`;
  const event = about(name)(image);
  const waiting = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` };
  return {
    pod: podObject({ name, image, waiting }),
    events: [
      event.pulling(4, '00:00', last),
      given.dropped ? event.failed(2, '00:00', '00:30') : event.failed(4, '00:00', last),
      event.backOff(15, '00:10', '09:50'),
    ],
  };
}

async function find(others: readonly Story[], given: Partial<ClusterReader> = {}, lost: readonly Event[] = []) {
  const stories = [OURS, ...others];
  const context = probeContext(OURS.pod, {
    recording: { pods: stories.map(({ pod }) => pod), events: [...stories.flatMap(({ events }) => events), ...lost] },
    findings: [hanging],
  });
  const findings = await findBlockingPull({ ...context, cluster: { ...context.cluster, ...given } }, 'node-1');
  return { codes: findings.map(({ code }) => code), says: findings[0]?.says, requests: context.cluster.requests() };
}

describe('a pull that shows neither success nor error', () => {
  it('waits behind an older one on its node', async () => {
    expect(await find([hangs('big-0', '01:00')])).toMatchObject({
      codes: ['kubelet/serialized-stall'],
      says: 'shop/big-0 holds up node-1: it has been pulling big.example/model:1 for 9 min without a result, and 1 pod waits behind it.',
    });
  });

  it('waits behind the oldest that goes on, however many pods failed before that', async () => {
    const failing = ['api-0', 'api-1', 'api-2', 'api-3', 'api-4'].map((name) => fails(name, '00:40'));
    const dropped = fails('api-5', '00:50', { dropped: true });
    const { codes, says, requests } = await find([...failing, dropped, hangs('big-0', '01:00'), hangs('big-1', '06:00')]);
    expect(codes).toEqual(['kubelet/serialized-stall']);
    expect(says).toMatch(/^shop\/big-0 holds up .* and 2 pods wait behind it\.$/);
    expect(requests).toBe(3);
  });

  it('waits behind nobody where the older ones are over', async () => {
    const image = 'registry.example/shop/db:1';
    const event = about('db-0')(image);
    const creating: Story = {
      pod: podObject({ name: 'db-0', image }),
      events: [event.pulling(1, '04:00', '04:00'), event.pulled(1, '04:00', '04:00')],
    };
    expect((await find([creating, fails('api-0', '00:40')])).codes).toEqual(['kubelet/oldest-pull']);
  });

  it.each<[string, Story]>([
    ['younger', hangs('big-0', '06:00')],
    ['done', { pod: podObject({ name: 'big-0', image: BIG, running: true }), events: hangs('big-0', '01:00').events }],
    ['on another node', hangs('big-0', '01:00', 'node-2')],
  ])('does not wait behind one that is %s', async (_, other) => {
    expect(await find([other])).toMatchObject({ codes: ['kubelet/oldest-pull'], requests: 2 });
  });

  it('waits behind the image of a volume as well', async () => {
    const pod = podObject({ name: 'llm-0', spec: { volumes: [{ name: 'model', image: { reference: BIG } }] } });
    const volume = eventObject({
      reason: 'Pulling',
      message: `Pulling image "${BIG}"`,
      first: at('01:00'),
      pod: 'llm-0',
      uid: 'uid-llm-0',
      fieldPath: null,
    });
    expect((await find([{ pod, events: [volume] }])).codes).toEqual(['kubelet/serialized-stall']);
  });

  it.each<[string, readonly Story[], readonly Event[]]>([
    ['two began in the same second', [hangs('big-0', '05:00')], []],
    // 30 events: the one that would tell may have been dropped.
    [
      'the kubelet holds events back',
      [
        {
          ...fails('api-0', '04:50'),
          events: [
            about('api-0')('registry.example/shop/api-0:1').pulling(15, '00:00', '04:59'),
            about('api-0')('registry.example/shop/api-0:1').failed(15, '00:00', '03:00'),
          ],
        },
      ],
      [],
    ],
    ['the pod of an older one is gone', [], hangs('gone-0', '01:00').events],
  ])('clears nobody where %s', async (_, others, lost) => {
    const { codes } = await find(others, {}, lost);
    expect(codes).toEqual([]);
  });

  it('asks the older pods themselves where the cluster has more events than a page', async () => {
    const listPullEnds: ClusterReader['listPullEnds'] = async () => ({ events: [], complete: false });
    const { codes, says } = await find([hangs('big-0', '01:00'), fails('api-0', '00:40')], { listPullEnds });
    expect(codes).toEqual(['kubelet/serialized-stall']);
    expect(says).toContain('shop/big-0');
  });
});
