import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findPods, openSources, scan } from '../../src/app/app.ts';
import { CONTROLLER_KINDS } from '../../src/cluster/cluster.ts';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import { WrittenObject } from '../../src/demo/cluster/objects.ts';
import type { Sighting } from '../../src/detection/sighting.ts';
import { Controller, Owner, type Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { runElection } from '../../src/watch/election.ts';
import { runWatcher } from '../../src/watch/watcher.ts';
import { readObjects, rulesOf } from '../helm/rendered.ts';
import { startApiServer } from '../support/api-server.ts';
import { CASES, caseNames } from '../support/cases.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { diagnoseRecording, recordingOf } from '../support/diagnosis.ts';
import { eventually } from '../support/eventually.ts';
import { healthyKubelet, kubeletAnswer } from '../support/kubelet-answers.ts';
import { podObject } from '../support/objects.ts';
import { classify } from '../support/rules.ts';

/** What the chart gives a worker by its default values. */
const RULES = rulesOf(readObjects(await readFile('test/with-helm/golden/default.yaml', 'utf8')), 'imagepull-worker');
const WORKER = 'system:serviceaccount:imagepull:imagepull-worker';
const TOKEN = 'canary-worker-token';
const KUBELET = healthyKubelet();
const FAILING = { waiting: { reason: 'ErrImagePull', message: 'x: not found' } };

let certificates: Certificates;
let folder: string;
const stops: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  certificates = await makeCertificates();
  folder = await mkdtemp(join(tmpdir(), 'imagepull-worker-'));
});
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});
afterAll(() => Promise.all([certificates.remove(), rm(folder, { recursive: true })]));

/** An API server and its kubelets with what a recording holds, and a worker's way to them with the roles of the chart; `refused` is what it was told that it may not. */
async function workerOf(recording: Recording) {
  const server = await startApiServer(recording, {
    tls: certificates.good,
    accounts: new Map([[TOKEN, { user: WORKER }]]),
    intercept(request, response) {
      const { url = '/' } = request;
      if (!/^\/(?:metrics|stats\/summary|configz|logs\/)(?:\?|$)/.test(url)) return false;
      const { status, type, body } = kubeletAnswer(request, url, KUBELET);
      response.writeHead(status, { 'content-type': type }).end(body);
      return true;
    },
  });
  stops.push(server.stop);
  server.rights.set({ user: WORKER }, RULES);
  const Port = Number(new URL(server.url).port);
  for (const node of recording.nodes ?? []) {
    const status = {
      ...node.status,
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port } },
    };
    server.store.put({ ...WrittenObject.parse({ ...node, status }), kind: 'Node' });
  }
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigFor(server.url, TOKEN));
  const refused: string[] = [];
  const sources = await openSources({
    kubeconfig,
    called: 'prod',
    holder: 'reader',
    kubelet: 'direct',
    kubeletAnyCertificate: true,
    allowLoopback: true,
    onAnswer: (verb, status) => void (status === 403 && refused.push(verb)),
  });
  return { ...sources, server, refused };
}

/** A pod of each kind of workload, which fails. */
function ofEveryKind(): Recording {
  const labels = { app: 'web' };
  const pods = CONTROLLER_KINDS.map((kind) =>
    podObject({ name: `${kind.toLowerCase()}-0`, labels, owner: { kind, name: 'web' }, ...FAILING }),
  );
  const [first] = pods as [Pod, ...Pod[]];
  const spec = { selector: { matchLabels: labels }, replicas: 1 };
  const controllers = CONTROLLER_KINDS.map((kind) =>
    Controller.parse({
      kind,
      metadata: { name: 'web', namespace: 'shop' },
      ...(kind === 'CronJob'
        ? { status: { active: [{ name: 'web' }] } }
        : { spec: kind === 'ReplicationController' ? { selector: labels } : spec }),
    }),
  );
  return { ...recordingOf(first), pods, controllers, owners: [Owner.parse({ kind: 'Job', metadata: { name: 'web', namespace: 'shop' } })] };
}

describe('a worker with the roles of the chart', () => {
  it.each(caseNames())('is refused nothing in the diagnosis of case %s', async (name) => {
    const recording = await readRecordingFolder(join(CASES, name));
    const { cluster, kubelet, refused, server } = await workerOf(recording);
    const run = await diagnoseRecording(recording, { ...createRecordedSources(recording), cluster, kubelet });
    expect(run.conclusion).toBeDefined();
    expect(server.requests.length).toBeGreaterThan(0);
    expect([refused, JSON.stringify(run.shortfalls)]).toEqual([[], expect.not.stringMatching(/forbidden|This rule in/)]);
  });

  it.each(CONTROLLER_KINDS)('finds the pods of a %s, and diagnoses one', async (kind) => {
    const recording = ofEveryKind();
    const { cluster, kubelet, refused } = await workerOf(recording);
    const pod = `${kind.toLowerCase()}-0`;
    await findPods(cluster, { by: 'controller', kind, namespace: 'shop', name: 'web' }).catch((cause: unknown) =>
      expect(cause).toMatchObject({ code: 'target/not-found' }),
    );
    await diagnoseRecording({ ...recording, pod }, { ...createRecordedSources(recording), cluster, kubelet });
    expect(refused).toEqual([]);
  });

  it('scans one namespace and all of them', async () => {
    const { cluster, refused } = await workerOf(ofEveryKind());
    for (const where of [{}, { namespace: 'shop' }]) await scan({ cluster, now: new Date('2026-03-01T10:10:00Z'), ...where });
    expect(refused).toEqual([]);
  });

  it('watches by its Lease, and asks namespaces what they say of the watch', async () => {
    const { direct, refused, server } = await workerOf(ofEveryKind());
    server.store.put({ kind: 'Namespace', metadata: { name: 'imagepull' } });
    const seen: Sighting[] = [];
    const ending = new AbortController();
    const common = { log: SILENT, now: () => new Date('2026-03-01T10:10:00Z') };
    const election = runElection(
      {
        ...common,
        lease: direct.lease({ namespace: 'imagepull', name: 'imagepull-watch' }),
        identity: 'one',
        lead: (signal) =>
          runWatcher(
            {
              ...common,
              name: 'prod',
              cluster: direct,
              classify,
              detector: { see: async (sightings) => void seen.push(...sightings) },
              onSweep: async () => undefined,
              mayRead: () => true,
              settings: { announceAfterMs: 0, sweepMs: 3_600_000, readsPerMinute: 600, optIn: false },
              onRestart: () => undefined,
            },
            signal,
          ),
      },
      ending.signal,
    );
    await eventually(() => expect(seen.length).toBeGreaterThan(0));
    ending.abort();
    await election;
    expect(refused).toEqual([]);
  });
});
