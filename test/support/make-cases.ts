/**
 * Makes and renews test/cases.
 *
 *   node test/support/make-cases.ts            writes the stages of every case anew; the diff shows which stage moved
 *   node test/support/make-cases.ts ROOT NAME… makes cases out of plain API answers in ROOT/NAME (pod.json, events.json …),
 *                                              with the pods of ROOT/_cluster/pods-list.json where NAME ends in +
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRecordedCluster, watchCluster } from '../../src/recording/recorded-world.ts';
import { readRecording } from '../../src/recording/recording.ts';
import { readRecordingFolder, writeRecordingFolder } from '../../src/recording/recording-folder.ts';
import { diagnoseRecording } from './diagnosis.ts';
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
  const watched = watchCluster(createRecordedCluster({ ...raw, cluster: 'lab', pods: around }));
  await diagnoseRecording(raw, watched.cluster);
  const folder = join(CASES, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeRecordingFolder(folder, watched.recording({ namespace: raw.namespace, name: raw.pod }, raw.capturedAt));
}

async function renew(name: string): Promise<void> {
  const recording = await readRecordingFolder(join(CASES, name));
  const stages = await stagesOf(createRecordedCluster(recording), recording);
  await mkdir(join(CASES, name, 'stages'), { recursive: true });
  for (const [file, text] of Object.entries(stages)) await writeFile(join(CASES, name, 'stages', file), text);
}

const [root, ...names] = process.argv.slice(2);
if (root) for (const name of names) await make(root, name.replace(/\+$/, ''), name.endsWith('+'));
for (const name of await readdir(CASES)) await renew(name);
