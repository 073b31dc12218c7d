import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import { AlertSource } from '../../src/alerts/source.ts';
import type { ClusterReader, PodSelection } from '../../src/cluster/cluster.ts';
import type { Sighting } from '../../src/detection/sighting.ts';
import { CodedError } from '../../src/errors.ts';
import type { Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { performAlerts } from '../../src/intake/alerts/perform.ts';
import { createAlertIntake } from '../../src/intake/alerts/take.ts';
import type { Task } from '../../src/queue/task-queue.ts';
import { OPEN } from '../../src/store/kinds.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { podObject } from '../support/objects.ts';
import { classify } from '../support/rules.ts';

const alert = (given: Partial<Alert> = {}): Alert => ({
  source: 'am',
  status: 'firing',
  id: 'f1',
  name: 'KubePodNotReady',
  startsAt: '2026-03-01T10:00:00Z',
  location: { namespace: 'shop', pod: 'web-0' },
  labels: {},
  text: '',
  ...given,
});
const source = AlertSource.parse({
  name: 'am',
  sender: 'alertmanager',
  authentication: { scheme: 'bearer', secret: 'TOKEN' },
  cluster: 'prod',
  clusters: ['east'],
  namespaces: ['shop', 'team-*'],
});
const failing = { waiting: { reason: 'ErrImagePull', message: 'not found' } };

/** The intake of a gateway, and a worker whose cluster has these pods. */
function world(pods: readonly Pod[] = []) {
  const store = new MemoryStore();
  const tasks: Task[] = [];
  const queue = { add: async (task: Task) => void tasks.push(task), ask: async () => undefined };
  const clock = { at: Date.parse('2026-03-01T10:10:00Z') };
  const mayAsk = (cluster: string, namespace: string | undefined) => ['prod', 'east'].includes(cluster) && namespace !== 'team-secret';
  const take = createAlertIntake({ store, queue, mayAsk, log: SILENT, now: () => new Date(clock.at) });
  const takenFrom = (from: Parameters<typeof take>[1], ...alerts: readonly Alert[]) =>
    take({ alerts, problems: [], leftOut: 0, ignored: 0 }, from);
  const taken = (...alerts: readonly Alert[]) => takenFrom(source, ...alerts);
  let requests = 0;
  const cluster = {
    name: 'prod',
    async readPod(namespace: string, name: string) {
      requests += 1;
      const found = pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
      if (!found) throw new CodedError('cluster/not-found', `There is no pod ${name}.`);
      return found;
    },
    async listPods({ namespace, node }: PodSelection) {
      requests += 1;
      return {
        pods: pods.filter(({ metadata, spec }) => (namespace === undefined ? spec.nodeName === node : metadata.namespace === namespace)),
      };
    },
  } as Partial<ClusterReader> as ClusterReader;
  const questions: Task[] = [];
  const seen: Sighting[] = [];
  const detector = { see: async (sightings: readonly Sighting[]) => void seen.push(...sightings) };
  const perform = async () => {
    for (const task of tasks.splice(0))
      if (task.kind === 'alert')
        await performAlerts(task.deliveryId, {
          store,
          cluster,
          classify,
          detector,
          queue: { add: async (asked) => void questions.push(asked) },
          log: SILENT,
        });
    return seen.map(({ namespace, pod }) => `${namespace}/${pod}`);
  };
  return { store, questions, tasks, clock, taken, takenFrom, perform, seen, requests: () => requests };
}

describe('alerts that arrive', () => {
  it('are asked about where they speak of a pull and do not say of which pod', async () => {
    const { taken, takenFrom, perform, questions, requests } = world();
    const lost = alert({ name: 'ImagePullBackOff', location: {} });
    expect(await taken(lost, alert({ ...lost, id: 'f2', status: 'resolved' }))).toMatchObject({ taken: 0, outside: 2 });
    const anywhere = { name: 'any', cluster: 'prod', clusters: [] };
    expect(await takenFrom(anywhere, lost, alert({ ...lost, id: 'f2', status: 'resolved' }))).toMatchObject({ taken: 2 });
    await perform();
    expect([questions, requests()]).toEqual([[{ kind: 'ask', deliveryId: expect.any(String), delayMs: 0 }], 0]);
  });

  it('are written down before they are queued, those of each cluster apart', async () => {
    const { store, tasks, taken } = world();
    expect(await taken(alert(), alert({ id: 'f2', location: { cluster: 'east', namespace: 'shop', pod: 'a' } }))).toEqual({
      taken: 2,
      dropped: 0,
      outside: 0,
    });
    expect(tasks.map((task) => ('cluster' in task ? [task.kind, task.cluster] : []))).toEqual([
      ['alert', 'prod'],
      ['alert', 'east'],
    ]);
    expect((await store.deliveries.list({ index: OPEN })).records).toHaveLength(2);
  });

  it('are not kept where they are about something else, or about what their source may not speak of', async () => {
    const { store, taken } = world();
    const counts = await taken(
      alert({ name: 'KubePodCrashLooping' }),
      alert({ location: { namespace: 'kube-system', pod: 'a' } }),
      alert({ location: { cluster: 'elsewhere', namespace: 'shop', pod: 'a' } }),
      alert({ location: { namespace: 'team-secret', pod: 'a' } }),
      alert({ location: { node: 'node-1' } }),
    );
    expect(counts).toEqual({ taken: 0, dropped: 1, outside: 4 });
    expect(await store.deliveries.count(OPEN)).toBe(0);
  });

  it('are one delivery where they are sent again at once, and worth another look later', async () => {
    const { store, tasks, clock, taken, perform } = world([podObject(failing)]);
    await Promise.all([taken(alert()), taken(alert())]);
    expect(await store.deliveries.count(OPEN)).toBe(1);
    expect(await perform()).toEqual(['shop/web-0']);
    await taken(alert());
    expect(tasks).toEqual([]);
    clock.at += 3_600_000;
    await taken(alert());
    expect(tasks).toHaveLength(1);
  });

  it('make no record too large, however many there are', async () => {
    const { store, taken } = world();
    const many = Array.from({ length: 5_000 }, (_, n) => alert({ id: `f${n}`, location: { namespace: 'shop', pod: `web-${n}` } }));
    expect(await taken(...many)).toMatchObject({ taken: 5_000 });
    const { records } = await store.deliveries.list({ index: OPEN, limit: 100 });
    expect(records.reduce((sum, { alerts }) => sum + alerts.length, 0)).toBe(5_000);
    for (const record of records) expect(JSON.stringify(record).length).toBeLessThan(400_000);
  });
});

describe('alerts that are looked into', () => {
  it('lead to the pod that they name if that cannot pull, at the cost of one request', async () => {
    const { taken, perform, seen, requests } = world([podObject(failing)]);
    await taken(alert());
    expect(await perform()).toEqual(['shop/web-0']);
    expect(seen).toMatchObject([{ cluster: 'prod', seenBy: 'alert', source: 'am', image: 'registry.example/shop/web:1' }]);
    expect(requests()).toBe(1);
  });

  it('lead to nothing where the pod runs, crashes or is gone, at the cost of two requests at most', async () => {
    for (const pods of [
      [podObject({ running: true })],
      [podObject({ waiting: { reason: 'CrashLoopBackOff' } })],
      [podObject({ ...failing, metadata: { deletionTimestamp: '2026-03-01T10:00:00Z' } })],
      [],
    ]) {
      const { store, taken, perform, requests } = world(pods);
      await taken(alert());
      expect(await perform()).toEqual([]);
      expect(requests()).toBeLessThanOrEqual(2);
      expect(await store.deliveries.count(OPEN)).toBe(0);
    }
  });

  it('follow a pod that was replaced to the present ones of what made it', async () => {
    const made = (name: string) => podObject({ ...failing, name, generateName: 'web-7d4b9c6f5-' });
    const { taken, perform } = world([
      made('web-7d4b9c6f5-aaaaa'),
      made('web-7d4b9c6f5-bbbbb'),
      podObject({ ...failing, name: 'other-0' }),
    ]);
    await taken(alert({ location: { namespace: 'shop', pod: 'web-7d4b9c6f5-zzzzz' } }));
    expect(await perform()).toEqual(['shop/web-7d4b9c6f5-aaaaa', 'shop/web-7d4b9c6f5-bbbbb']);
  });

  it('find what fails of a workload, of a namespace and on a node; several share what they read', async () => {
    const of = (kind: string, name: string) => ({ owner: { kind, name } });
    const pods = [
      podObject({ ...failing, name: 'web-0', ...of('StatefulSet', 'web') }),
      podObject({ ...failing, name: 'report-28000000-x', ...of('Job', 'report-28000000') }),
      podObject({ ...failing, name: 'reports-1-x', ...of('Job', 'reports-1') }),
      podObject({ name: 'fine', running: true }),
    ];
    const ask = async (...locations: readonly Alert['location'][]) => {
      const { taken, perform, requests } = world(pods);
      await taken(...locations.map((location, n) => alert({ id: `f${n}`, location, name: 'KubeDeploymentReplicasMismatch' })));
      return { found: await perform(), requests: requests() };
    };
    const workload = (kind: 'StatefulSet' | 'CronJob', name: string) => ({ namespace: 'shop', workload: { kind, name } });
    expect(await ask(workload('StatefulSet', 'web'))).toEqual({ found: ['shop/web-0'], requests: 1 });
    expect(await ask(workload('CronJob', 'report'))).toEqual({ found: ['shop/report-28000000-x'], requests: 1 });
    expect(await ask(workload('StatefulSet', 'web'), workload('CronJob', 'report'), { namespace: 'shop' })).toMatchObject({ requests: 1 });
    expect((await ask({ namespace: 'shop' })).found).toEqual(['shop/web-0', 'shop/report-28000000-x', 'shop/reports-1-x']);
  });

  it('are looked at as well where they say that it is over: what still fails is told', async () => {
    const { taken, perform } = world([podObject(failing)]);
    await taken(alert({ status: 'resolved' }));
    expect(await perform()).toEqual(['shop/web-0']);
  });
});
