import { createRecordedSources } from '../../app/app.ts';
import { readRecordingFolder } from '../../recording/recording-folder.ts';
import type { Format } from '../output.ts';
import { diagnosePod, printReport } from './diagnose.ts';

/** Options of `imagepull replay`. */
export interface ReplayOptions {
  readonly output: Format;
  readonly pod?: string;
}

/** `imagepull replay DIR`: the diagnosis of a recording, at the time it was captured. */
export async function replayCommand(folder: string, options: ReplayOptions): Promise<void> {
  const recording = await readRecordingFolder(folder, options.pod);
  const now = () => new Date(recording.capturedAt);
  await printReport(await diagnosePod(createRecordedSources(recording), recording, { now }), options.output);
}
