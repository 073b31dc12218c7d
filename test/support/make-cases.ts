/**
 * Makes and renews test/cases.
 *
 *   node test/support/make-cases.ts            writes the stages of every case anew; the diff shows which stage moved
 *   node test/support/make-cases.ts made       makes the cases of made-worlds.ts
 *   node test/support/make-cases.ts ROOT NAME… makes cases out of plain API answers in ROOT/NAME (pod.json, events.json …),
 *                                              with the pods of ROOT/_cluster/pods-list.json where NAME ends in +,
 *                                              and what the node and its kubelet said in ROOT/_nodes/NODE
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeletReader } from '../../src/cluster/cluster.ts';
import { readKubeletMetrics } from '../../src/cluster/kubelet-metrics.ts';
import { matchingLines } from '../../src/cluster/log-lines.ts';
import { KubeletConfiguration, StatsSummary } from '../../src/facts/kubelet-reading.ts';
import { Node } from '../../src/facts/kubernetes-object.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import { createRecorder } from '../../src/recording/recorder.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { readRecording } from '../../src/recording/recording.ts';
import { readRecordingFolder, writeRecordingFolder } from '../../src/recording/recording-folder.ts';
import { diagnoseRecording } from './diagnosis.ts';
import { MADE_WORLDS, makeWorld } from './made-worlds.ts';
import { stagesOf } from './stages.ts';

const CASES = 'test/cases';

/** The path that `imagepull capture` takes, with the recording in the place of a cluster. */
async function make(root: string, name: string, wide: boolean): Promise<void> {
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
  const recorder = createRecorder({ ...world, kubelet: kubeletFrom(join(root, '_nodes'), raw.capturedAt) });
  await diagnoseRecording(raw, recorder.sources);
  await write(name, recorder.recording({ namespace: raw.namespace, name: raw.pod }, raw.capturedAt));
}

/** A case out of a world made by hand, by the same path. */
async function makeByHand(name: string): Promise<void> {
  const { sources, recording } = makeWorld(name);
  const recorder = createRecorder(sources);
  await diagnoseRecording(recording, recorder.sources);
  await write(name, recorder.recording({ namespace: recording.namespace, name: recording.pod }, recording.capturedAt));
}

async function write(name: string, recording: Recording): Promise<void> {
  const folder = join(CASES, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeRecordingFolder(folder, recording);
}

/** A kubelet that answers out of files: what a real one said to the same questions. */
function kubeletFrom(folder: string, at: string): KubeletReader {
  const read = (node: Node, file: string) => readFile(join(folder, node.metadata.name, file), 'utf8');
  return {
    access: 'apiserver-proxy',
    requests: () => 0,
    sampleMetrics: async (node) => [readKubeletMetrics(await read(node, 'kubelet-metrics.txt'), at)],
    readStats: async (node) => StatsSummary.parse(JSON.parse(await read(node, 'stats-summary.json'))),
    readConfiguration: async (node) => KubeletConfiguration.parse(JSON.parse(await read(node, 'configz.json')).kubeletconfig),
    readLog: async (node, query) => matchingLines(await read(node, 'log-query-kubelet.txt'), query),
  };
}

async function renew(name: string): Promise<void> {
  const recording = await readRecordingFolder(join(CASES, name));
  const stages = await stagesOf(createRecordedSources(recording), recording);
  await mkdir(join(CASES, name, 'stages'), { recursive: true });
  for (const [file, text] of Object.entries(stages)) await writeFile(join(CASES, name, 'stages', file), text);
}

const [root, ...names] = process.argv.slice(2);
if (root === 'made') for (const name of Object.keys(MADE_WORLDS)) await makeByHand(name);
else if (root) for (const name of names) await make(root, name.replace(/\+$/, ''), name.endsWith('+'));
for (const name of await readdir(CASES)) await renew(name);
