import { diagnose } from '../../src/app/app.ts';
import { SILENT_CHAT } from '../../src/chat/silent-chat.ts';
import type { Event, Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import type { Recording } from '../../src/recording/recording.ts';
import type { Run } from '../../src/runbook/run.ts';
import { RunSchema } from '../../src/runbook/run-schema.ts';
import type { Sources } from '../../src/steps/step.ts';

/** A recording of one pod of objects.ts, made at 10:10. */
export function recordingOf(podObject: Pod, events: readonly Event[] = []): Recording {
  const { namespace, name } = podObject.metadata;
  return {
    capturedAt: '2026-03-01T10:10:00Z',
    cluster: 'test',
    namespace,
    pod: name,
    podObject,
    events,
    pods: [podObject],
    podsComplete: true,
    owners: [],
    answers: [],
  };
}

/** Diagnoses a recording, or the same pod in a given world, without saying anything. What comes out can be read back from a store. */
export async function diagnoseRecording(recording: Recording, sources: Sources = createRecordedSources(recording)): Promise<Run> {
  const { namespace, pod, capturedAt } = recording;
  const run = await diagnose({ sources, namespace, pod, chat: SILENT_CHAT, now: () => new Date(capturedAt) });
  RunSchema.parse(JSON.parse(JSON.stringify(run)));
  return run;
}
