import { openCluster, watchCluster } from '../app.ts';
import { prepareRecordingFolder, writeRecordingFolder } from '../recording/recording-folder.ts';
import type { ClusterOptions } from './diagnose.ts';
import { diagnosePod } from './diagnose.ts';
import { print } from './output.ts';
import { parsePodName } from './pod-name.ts';

/** Options of `imagepull capture`. */
export interface CaptureOptions extends ClusterOptions {
  readonly namespace?: string;
}

/** `imagepull capture NS/POD DIR`: diagnoses a pod and keeps what the cluster answered, redacted, for replay. */
export async function captureCommand(name: string, folder: string, options: CaptureOptions): Promise<void> {
  const pod = parsePodName(name, options.namespace);
  await prepareRecordingFolder(folder);
  const watched = watchCluster(await openCluster(options));
  const capturedAt = new Date();
  const report = await diagnosePod(watched.cluster, pod, () => capturedAt);
  const recording = watched.recording({ namespace: report.target.namespace, name: report.target.pod }, capturedAt.toISOString());
  const files = await writeRecordingFolder(folder, recording);
  await print(`Wrote ${files.join(', ')} to ${folder}: ${report.title}.\nSecrets were redacted. Run it with: imagepull replay ${folder}\n`);
}
