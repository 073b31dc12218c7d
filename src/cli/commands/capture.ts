import { checkWanted, createRecorder } from '../../app/app.ts';
import { CodedError } from '../../errors.ts';
import { prepareRecordingFolder, writeRecordingFolder } from '../../recording/recording-folder.ts';
import type { LookOptions } from '../options.ts';
import { print } from '../output.ts';
import { PROGRAM } from '../program-name.ts';
import { findTargets, searchFor } from '../targets.ts';
import { diagnosePod, sourcesFor } from './diagnose.ts';

/** Options of `imagepull capture`. */
export type CaptureOptions = LookOptions;

/** `imagepull capture POD DIR`: diagnoses a pod and keeps what cluster, kubelet and registry answered, redacted, for replay. */
export async function captureCommand(name: string, folder: string, options: CaptureOptions): Promise<void> {
  const search = searchFor(name, options);
  checkWanted(options);
  await prepareRecordingFolder(folder);
  const sources = await sourcesFor(options);
  const recorder = createRecorder(sources);
  const [pod] = (await findTargets({ cluster: recorder.sources.cluster, namespace: sources.namespace }, search)).pods;
  if (!pod) throw new CodedError('target/not-found', `${name} has no pod to record.`);
  const capturedAt = new Date();
  const report = await diagnosePod(recorder.sources, pod, { wanted: options, now: () => capturedAt });
  const recording = recorder.recording({ namespace: report.target.namespace, name: report.target.pod }, capturedAt.toISOString());
  const files = await writeRecordingFolder(folder, recording);
  await print(
    `Wrote ${files.join(', ')} to ${folder}: ${report.title}.\nSecrets were redacted. Run it with: ${PROGRAM} replay ${folder}\n`,
  );
}
