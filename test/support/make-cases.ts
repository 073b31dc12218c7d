/**
 * Makes and renews test/cases.
 *
 *   node test/support/make-cases.ts            writes the stages of every case, the reports and the cards of plans anew; the diff shows which stage moved
 *   node test/support/make-cases.ts made       makes the cases of made-worlds.ts
 *   node test/support/make-cases.ts ROOT NAME… makes cases out of plain API answers in ROOT/NAME (pod.json, events.json …),
 *                                              with the pods of ROOT/_cluster/pods-list.json where NAME ends in +,
 *                                              and what the node and its kubelet said in ROOT/_nodes/NODE
 *
 * The last two write test/worlds anew, what cases have in common. None of these writes expected.yaml, the truth about a case; that is written by hand.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { KubeletReader } from '../../src/cluster/cluster.ts';
import { readKubeletMetrics } from '../../src/cluster/kubelet/kubelet-metrics.ts';
import { matchingLines } from '../../src/cluster/kubelet/log-lines.ts';
import { KubeletConfiguration, StatsSummary } from '../../src/facts/kubernetes/kubelet-reading.ts';
import { Node } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { scopeTable } from '../../src/incident-page/scope-cells.ts';
import { scopePicture } from '../../src/incident-page/scope-picture.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import { createRecorder } from '../../src/recording/recorder.ts';
import { type Recording, readRecording } from '../../src/recording/recording.ts';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import { renewCases, writeCases } from './cases.ts';
import { diagnoseRecording } from './diagnosis.ts';
import { bigDossier } from './dossiers.ts';
import { MADE_WORLDS, makeWorld } from './made-worlds.ts';
import { planCardsText } from './plan-cards.ts';

/** The path that `imagepull capture` takes, with the recording in the place of a cluster. */
async function make(root: string, name: string, wide: boolean): Promise<Recording> {
  const raw = await readRecordingFolder(join(root, name));
  const around = wide
    ? readRecording({
        'pod.json': '{"metadata":{"name":"x"},"spec":{}}',
        'events.json': '{"items":[]}',
        'pods.json': await readFile(join(root, '_cluster/pods-list.json'), 'utf8'),
      }).pods
    : raw.pods;
  const node = raw.podObject.spec.nodeName;
  const known = node !== undefined && node !== null && (await readdir(join(root, '_nodes'))).includes(node);
  const nodes = known ? [Node.parse(JSON.parse(await readFile(join(root, '_nodes', node, 'node.json'), 'utf8')))] : undefined;
  const world = createRecordedSources({ ...raw, cluster: 'lab', pods: around, podsComplete: wide, nodes });
  const recorder = createRecorder({ ...world, kubelet: kubeletFrom(join(root, '_nodes')) });
  await diagnoseRecording(raw, recorder.sources);
  return recorder.recording({ namespace: raw.namespace, name: raw.pod }, raw.capturedAt);
}

/** A case out of a world made by hand, by the same path. */
async function makeByHand(name: string): Promise<Recording> {
  const { sources, recording } = makeWorld(name);
  const recorder = createRecorder(sources);
  await diagnoseRecording(recording, recorder.sources);
  return recorder.recording({ namespace: recording.namespace, name: recording.pod }, recording.capturedAt);
}

/** When the answers of a node were taken. */
const Taken = z.object({ node: z.object({ fs: z.object({ time: z.string() }) }) });

/** A kubelet that answers out of files: what a real one said to the same questions. */
function kubeletFrom(folder: string): KubeletReader {
  const read = (node: Node, file: string) => readFile(join(folder, node.metadata.name, file), 'utf8');
  return {
    access: 'apiserver-proxy',
    requests: () => 0,
    sampleMetrics: async (node) => {
      const { time } = Taken.parse(JSON.parse(await read(node, 'stats-summary.json'))).node.fs;
      return [readKubeletMetrics(await read(node, 'kubelet-metrics.txt'), time)];
    },
    readStats: async (node) => StatsSummary.parse(JSON.parse(await read(node, 'stats-summary.json'))),
    readConfiguration: async (node) => KubeletConfiguration.parse(JSON.parse(await read(node, 'configz.json')).kubeletconfig),
    readLog: async (node, query) => matchingLines(await read(node, 'log-query-kubelet.txt'), query),
  };
}

const [root, ...names] = process.argv.slice(2);
const made = new Map<string, Recording>();
if (root === 'made') for (const name of Object.keys(MADE_WORLDS)) made.set(name, await makeByHand(name));
else if (root) for (const name of names) made.set(name.replace(/\+$/, ''), await make(root, name.replace(/\+$/, ''), name.endsWith('+')));
if (root) await writeCases(made);
await renewCases();
await writeFile('test/report/plan-cards.txt', planCardsText());
await writeFile('test/incident-page/scope-picture.html', scopePicture(scopeTable(await bigDossier())).markup);
