import { createRecorder } from '../app.ts';
import { prepareRecordingFolder, writeRecordingFolder } from '../recording/recording-folder.ts';
import { diagnosePod, type LookOptions, sourcesFor } from './diagnose.ts';
import { print } from './output.ts';
import { parsePodName } from './pod-name.ts';

/** Options of `imagepull capture`. */
export type CaptureOptions = LookOptions;

/** `imagepull capture NS/POD DIR`: diagnoses a pod and keeps what cluster, kubelet and registry answered, redacted, for replay. */
export async function captureCommand(name: string, folder: string, options: CaptureOptions): Promise<void> {
  const pod = parsePodName(name, options.namespace);
  await prepareRecordingFolder(folder);
  const recorder = createRecorder(await sourcesFor(options));
  const capturedAt = new Date();
  const report = await diagnosePod(recorder.sources, pod, { wanted: options, now: () => capturedAt });
  const recording = recorder.recording({ namespace: report.target.namespace, name: report.target.pod }, capturedAt.toISOString());
  const files = await writeRecordingFolder(folder, recording);
  await print(`Wrote ${files.join(', ')} to ${folder}: ${report.title}.\nSecrets were redacted. Run it with: imagepull replay ${folder}\n`);
}
