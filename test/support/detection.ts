import type { Sighting } from '../../src/detection/sighting.ts';
import type { FindingCode } from '../../src/diagnosis/finding.ts';
import { failingImages } from '../../src/diagnosis/pod/pod.ts';
import { createDetector } from '../../src/engine/detection/detector.ts';
import type { DetectionParts } from '../../src/engine/detection/parts.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { CodedError } from '../../src/errors.ts';
import type { Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import type { Incident } from '../../src/incident/incident.ts';
import { InlineQueue } from '../../src/queue/inline-queue.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import type { Route } from '../../src/routing/route.ts';
import type { Probe, Sources } from '../../src/steps/step.ts';
import { walk } from '../../src/store/collection.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { ALL } from '../../src/store/record-kind.ts';
import type { Store } from '../../src/store/store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { recordingOf } from './diagnosis.ts';
import { PATIENCE_MS } from './eventually.ts';
import { MemoryChat } from './memory-chat.ts';
import { podObject } from './objects.ts';
import { catalogue, classify } from './rules.ts';

const MESSAGE = 'failed to resolve image: not found';

/** A pod of Deployment shop/web that cannot pull its image; give what the test is about. */
export function sightingObject(given: Partial<Sighting> = {}): Sighting {
  const { namespace = 'shop', pod = 'web-0' } = given;
  return {
    cluster: 'test',
    namespace,
    pod,
    uid: `uid-${pod}`,
    workload: 'Deployment/web',
    node: 'node-1',
    container: 'app',
    image: 'registry.example/shop/web:1',
    symptom: 'tag-not-found',
    since: '2026-03-01T10:00:00Z',
    seenBy: 'watch',
    labels: {},
    annotations: {},
    ...given,
  };
}

/** The pod of a sighting, as the API server has it: it fails, or has pulled. */
export function podOf({ namespace, pod, uid, image, node, workload }: Sighting, state: 'failing' | 'pulled' = 'failing'): Pod {
  const [kind = '', name = ''] = workload.split('/');
  const progress = state === 'pulled' ? { running: true } : { waiting: { reason: 'ErrImagePull', message: MESSAGE } };
  return podObject({ namespace, name: pod, uid, image, node, ...progress, ...(kind === 'Pod' ? {} : { owner: { kind, name } }) });
}

/** A probe that finds one thing about every pod whose image fails. */
export const finds =
  (code: FindingCode): Probe =>
  async ({ target: { images } }) => ({
    findings: failingImages(images).map(({ name }) => ({ code, says: code, container: name, evidence: [] })),
    failures: failingImages(images).map((image) => ({
      container: image.name,
      image,
      error: classify(MESSAGE),
      message: MESSAGE,
      retry: { failures: 1, certain: false, says: 'soon' },
    })),
  });

/** Engine and detector over one store in memory, with a cluster in which pods come and go, and a clock of their own. */
export function detectionWorld(
  given: {
    readonly limits?: Partial<DetectionParts['limits']>;
    readonly probe?: Probe;
    readonly route?: Route;
    readonly paceMs?: number;
    /** Before the ids of its incidents. */
    readonly name?: string;
    /** In memory unless told. */
    readonly store?: Store;
  } = {},
) {
  const store: Store = given.store ?? new MemoryStore();
  const queue = new InlineQueue();
  const chat = new MemoryChat();
  const pods = new Map<string, Pod>();
  const clock = { at: Date.parse('2026-03-01T10:10:00Z') };
  const now = () => new Date(clock.at);
  let made = 0;
  let read = 0;
  const cluster: Sources['cluster'] = {
    ...recordedCluster(),
    name: 'test',
    async readPod(namespace, name) {
      read += 1;
      const pod = pods.get(`${namespace}/${name}`);
      if (!pod) throw new CodedError('cluster/not-found', `There is no pod ${name}.`);
      return pod;
    },
    async readController(kind, _namespace, name) {
      throw new CodedError('cluster/not-found', `There is no ${kind} ${name}.`);
    },
    async listPods({ namespace }) {
      read += 1;
      return { pods: [...pods.values()].filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace) };
    },
  };
  const engine = createEngine({
    runbook: {
      name: 'test',
      version: 1,
      steps: [{ id: 'look', title: 'look', uses: 'look', needs: [], timeoutMs: PATIENCE_MS, attempts: 1 }],
    },
    catalogue,
    classify,
    clusters: { test: { sources: { ...recordedSources(), cluster }, unwanted: {}, mayReadSecrets: true } },
    probes: { look: given.probe ?? finds('pull-error/tag-not-found') },
    paceMs: given.paceMs ?? 0,
    log: SILENT,
    store,
    queue,
    chat,
    now,
  });
  const parts: DetectionParts = {
    store,
    queue,
    route: given.route ?? (() => ({ place: { channel: 'C1' } })),
    limits: { openPerNamespace: 5, perHour: 10, runsAtOnce: 10, ...given.limits },
    log: SILENT,
    now,
    newId: () => `${given.name ?? 'i'}${made++}`,
  };
  const detector = createDetector(parts);

  /** Lets the pods of sightings be there, and tells the detector. */
  async function see(...sightings: readonly Sighting[]): Promise<void> {
    for (const sighting of sightings) pods.set(`${sighting.namespace}/${sighting.pod}`, podOf(sighting));
    await detector.see(sightings);
  }

  async function incidents(): Promise<readonly Incident[]> {
    const all: Incident[] = [];
    for await (const incident of walk(store.incidents, { index: ALL, order: 'oldest' })) all.push(incident);
    return all;
  }

  return {
    store,
    queue,
    chat,
    engine,
    parts,
    detector,
    cluster,
    pods,
    clock,
    see,
    incidents,
    reads: () => read,
    runs: () => store.runs.count(ALL),
    cards: () => chat.said.filter(({ key }) => key === 'card'),
    work: () => queue.drain(engine.perform),
  };
}

/** What a test does not ask for is recorded as absent. */
function recordedSources(): Sources {
  return createRecordedSources(recordingOf(podObject({})));
}

function recordedCluster(): Sources['cluster'] {
  return recordedSources().cluster;
}
