import { SILENT_CHAT } from '../chat/silent-chat.ts';
import { createRecorder } from '../recording/recorder.ts';
import { type RecordingFiles, writeRecording } from '../recording/recording.ts';
import type { Sources } from '../steps/step.ts';
import { diagnose, type Wanted } from './app.ts';

/** Diagnoses a pod and answers with what was told, redacted, as the files of a recording. Throws what `diagnose` throws. */
export async function captureFiles(
  sources: Sources,
  pod: { readonly namespace: string; readonly name: string },
  wanted: Wanted,
): Promise<RecordingFiles> {
  const recorder = createRecorder(sources);
  const at = new Date();
  const run = await diagnose({
    sources: recorder.sources,
    namespace: pod.namespace,
    pod: pod.name,
    wanted,
    chat: SILENT_CHAT,
    now: () => at,
  });
  const { namespace, pod: name } = run.target;
  return writeRecording(recorder.recording({ namespace, name }, at.toISOString()));
}
