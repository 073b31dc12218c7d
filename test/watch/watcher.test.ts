import { afterEach, describe, expect, it } from 'vitest';
import type { PodSelection } from '../../src/cluster/cluster.ts';
import type { PodEvent } from '../../src/cluster/event-watch.ts';
import type { Sighting } from '../../src/detection/sighting.ts';
import { CodedError } from '../../src/errors.ts';
import type { Event, Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import type { WatchSettings } from '../../src/watch/parts.ts';
import { runWatcher } from '../../src/watch/watcher.ts';
import { eventually } from '../support/eventually.ts';
import { eventObject, podObject } from '../support/objects.ts';
import { classify } from '../support/rules.ts';

const FAILING = { waiting: { reason: 'ErrImagePull', message: 'not found' } };
const OLD = '2026-03-01T10:00:00Z';
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A watcher of a cluster in which pods come and go. The first sweep is over when it is given out. */
async function world(
  given: {
    readonly pods?: readonly Pod[];
    readonly events?: readonly Event[];
    readonly settings?: Partial<WatchSettings>;
    readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  } = {},
) {
  const pods = new Map((given.pods ?? []).map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, pod]));
  const requests: string[] = [];
  const readNamespaces: string[] = [];
  const seen: Sighting[] = [];
  const sweeps: (readonly Sighting[])[] = [];
  let emit: (event: PodEvent) => void = () => undefined;
  let fails = 0;
  const stop = new AbortController();
  const ended = runWatcher(
    {
      name: 'prod',
      cluster: {
        async watchEvents({ onEvent }, signal) {
          emit = onEvent;
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        },
        async readPod(namespace, name) {
          requests.push(`get ${namespace}/${name}`);
          const pod = pods.get(`${namespace}/${name}`);
          if (!pod) throw new CodedError('cluster/not-found', 'gone');
          return pod;
        },
        async listPods({ namespace }: PodSelection) {
          requests.push(`list ${namespace ?? 'all'}`);
          return { pods: [...pods.values()].filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace) };
        },
        async readNamespace(namespace) {
          readNamespaces.push(namespace);
          if (!given.namespaces) throw new CodedError('cluster/forbidden', 'not allowed');
          return { labels: given.namespaces[namespace] ?? {}, annotations: {} };
        },
        async listPodEvents({ name }) {
          requests.push(`events ${name}`);
          return given.events ?? [];
        },
      },
      classify,
      detector: {
        async see(sightings) {
          if (fails > 0) {
            fails -= 1;
            throw new CodedError('store/unavailable', 'away', { retryable: true });
          }
          seen.push(...sightings);
        },
      },
      onSweep: async (failing) => void sweeps.push(failing),
      mayRead: (namespace) => namespace !== 'kube-system',
      settings: { announceAfterMs: 0, sweepMs: 3_600_000, readsPerMinute: 1_000, optIn: false, ...given.settings },
      onRestart: () => undefined,
      log: SILENT,
      now: () => new Date(),
    },
    stop.signal,
  );
  stops.push(async () => {
    stop.abort();
    await ended;
  });
  if (!given.settings?.sweepMs) await eventually(() => expect(sweeps.length).toBeGreaterThan(0));
  requests.length = 0;
  return {
    pods,
    requests,
    readNamespaces,
    sweeps,
    told: () => seen.map(({ pod, seenBy }) => `${pod} by ${seenBy}`),
    seen,
    failNext: (times: number) => {
      fails = times;
    },
    put: (pod: Pod) => pods.set(`${pod.metadata.namespace}/${pod.metadata.name}`, pod),
    emit: (pod: string, reason = 'Failed', namespace = 'shop') => emit({ namespace, pod, uid: `uid-${pod}`, reason }),
  };
}

describe('a watcher', () => {
  it('reads a pod that an event speaks of and tells it once, however many events follow', async () => {
    const { put, emit, told, requests } = await world();
    put(podObject(FAILING));
    for (let n = 0; n < 5; n++) emit('web-0', n % 2 === 0 ? 'Failed' : 'BackOff');
    await eventually(() => expect(told()).toEqual(['web-0 by watch']));
    emit('web-0', 'BackOff');
    put(podObject({ ...FAILING, name: 'web-1' }));
    emit('web-1');
    await eventually(() => expect(told()).toEqual(['web-0 by watch', 'web-1 by watch']));
    expect(requests).toEqual(['get shop/web-0', 'get shop/web-1']);
  });

  it('blames nobody who is fine: a healthy pod whose pull secret is missing, a crash, a pod that is gone or not to be read', async () => {
    const { put, emit, told, requests } = await world();
    put(podObject({ name: 'decoy', running: true }));
    put(podObject({ name: 'crash', waiting: { reason: 'CrashLoopBackOff' } }));
    put(podObject({ ...FAILING, namespace: 'kube-system', name: 'secret' }));
    emit('decoy', 'FailedToRetrieveImagePullSecret');
    emit('crash', 'BackOff');
    emit('gone');
    emit('secret', 'Failed', 'kube-system');
    await eventually(() => expect(requests).toHaveLength(3));
    put(podObject(FAILING));
    emit('web-0');
    await eventually(() => expect(told()).toEqual(['web-0 by watch']));
    expect(requests).not.toContain('get kube-system/secret');
  });

  it('forgives what heals soon, and tells what does not', async () => {
    const { put, emit, told, requests } = await world({ settings: { announceAfterMs: 1_500 } });
    const young = { metadata: { creationTimestamp: new Date().toISOString() } };
    put(podObject({ ...FAILING, ...young, name: 'heals' }));
    put(podObject({ ...FAILING, ...young, name: 'stays' }));
    emit('heals');
    emit('stays');
    await eventually(() => expect(requests).toHaveLength(2));
    expect(told()).toEqual([]);
    put(podObject({ name: 'heals', running: true }));
    await eventually(() => expect(told()).toEqual(['stays by watch']));
    expect(requests.filter((request) => request === 'get shop/heals')).toHaveLength(2);
  });

  it('reads many of a namespace with one list', async () => {
    const { put, emit, told, requests } = await world();
    for (let n = 0; n < 300; n++) put(podObject({ ...FAILING, name: `web-${n}` }));
    for (let n = 0; n < 300; n++) emit(`web-${n}`);
    await eventually(() => expect(told()).toHaveLength(300));
    // Events that come a little later may miss the first one.
    expect(requests.length).toBeLessThanOrEqual(4);
    expect(new Set(requests)).toEqual(new Set(['list shop']));
  });

  it('asks no more than it may within a minute, of no namespace twice before the others', async () => {
    const { put, emit, requests } = await world({ settings: { readsPerMinute: 3 } });
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      put(podObject({ ...FAILING, name, namespace: `team-${name}` }));
      emit(name, 'Failed', `team-${name}`);
    }
    await eventually(() => expect(requests).toHaveLength(3));
    expect(new Set(requests).size).toBe(3);
  });

  it('sweeps all pods for what no event spoke of, tells all of it, and not who opted out', async () => {
    const optedOut = podObject({ ...FAILING, name: 'quiet', labels: { 'imagepull.dev/watch': 'false' } });
    const annotated = podObject({ ...FAILING, name: 'silent', metadata: { annotations: { 'imagepull.dev/watch': 'false' } } });
    const { told, sweeps } = await world({
      pods: [
        podObject(FAILING),
        podObject({ name: 'fine', running: true }),
        podObject({ ...FAILING, namespace: 'kube-system', name: 'x' }),
        optedOut,
        annotated,
      ],
    });
    await eventually(() => expect(told()).toEqual(['web-0 by sweep']));
    // Who opted out still fails: an incident about it is not over.
    expect(sweeps[0]?.map(({ pod }) => pod)).toEqual(['web-0', 'quiet', 'silent']);
  });

  const marked = (name: string, mark: 'true' | 'false', namespace: string) =>
    podObject({ ...FAILING, name, namespace, labels: { 'imagepull.dev/watch': mark } });

  it('heeds what a namespace wishes, asks it once, and heeds a pod before that', async () => {
    const { told, readNamespaces, put, emit } = await world({
      namespaces: { lab: { 'imagepull.dev/watch': 'false' } },
      pods: [
        podObject({ ...FAILING, name: 'a', namespace: 'lab' }),
        podObject({ ...FAILING, name: 'b', namespace: 'lab' }),
        marked('wanted', 'true', 'lab'),
        podObject(FAILING),
      ],
    });
    await eventually(() => expect(told()).toEqual(['wanted by sweep', 'web-0 by sweep']));
    put(podObject({ ...FAILING, name: 'c', namespace: 'lab' }));
    emit('c', 'Failed', 'lab');
    put(podObject({ ...FAILING, name: 'web-1' }));
    emit('web-1');
    await eventually(() => expect(told()).toHaveLength(3));
    expect([told()[2], readNamespaces]).toEqual(['web-1 by watch', ['lab', 'shop']]);
  });

  it('tells only who asked for it where that is set', async () => {
    const pods = [
      podObject(FAILING),
      marked('wanted', 'true', 'shop'),
      marked('not', 'false', 'lab'),
      podObject({ ...FAILING, namespace: 'lab' }),
    ];
    const { told } = await world({ settings: { optIn: true }, namespaces: { lab: { 'imagepull.dev/watch': 'true' } }, pods });
    await eventually(() => expect(told().toSorted()).toEqual(['wanted by sweep', 'web-0 by sweep']));
  });

  it('goes by the pods alone where namespaces cannot be read', async () => {
    const { told } = await world({ pods: [podObject(FAILING), marked('not', 'false', 'shop')] });
    await eventually(() => expect(told()).toEqual(['web-0 by sweep']));
  });

  it('tells again with the next sweep what could not be told', async () => {
    const { put, emit, told, failNext } = await world({ settings: { sweepMs: 5_000 } });
    failNext(1);
    put(podObject(FAILING));
    emit('web-0');
    await eventually(() => expect(told()).toEqual(['web-0 by sweep']));
  });

  it('finds a pull that began and about which nothing was said since', async () => {
    const starting = { waiting: { reason: 'ContainerCreating' } };
    const pulling = eventObject({ reason: 'Pulling', message: 'Pulling image', last: OLD });
    const { seen } = await world({ pods: [podObject(starting)], events: [pulling] });
    expect(seen).toMatchObject([{ pod: 'web-0', symptom: 'hanging', since: '2026-03-01T10:00:00.000Z' }]);
    const ended = await world({
      pods: [podObject(starting)],
      events: [pulling, eventObject({ reason: 'Failed', message: 'no', last: '2026-03-01T10:01:00Z' })],
    });
    expect(ended.seen).toEqual([]);
    const young = podObject({ ...starting, metadata: { creationTimestamp: new Date().toISOString() } });
    expect((await world({ pods: [young], events: [pulling] })).seen).toEqual([]);
  });
});
