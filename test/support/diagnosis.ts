import { diagnose } from '../../src/app.ts';
import type { ClusterReader } from '../../src/cluster/cluster.ts';
import type { Event, Pod } from '../../src/diagnosis/kubernetes-object.ts';
import { createRecordedCluster } from '../../src/recording/recorded-world.ts';
import type { Recording } from '../../src/recording/recording.ts';
import type { Run } from '../../src/runbook/run.ts';

/** A recording of one pod of objects.ts, made at 10:10. */
export function recordingOf(podObject: Pod, events: readonly Event[] = []): Recording {
  const { namespace, name } = podObject.metadata;
  return { capturedAt: '2026-03-01T10:10:00Z', cluster: 'test', namespace, pod: name, podObject, events, pods: [podObject], owners: [] };
}

/** Diagnoses a recording, or the same pod on a given cluster, without saying anything. */
export function diagnoseRecording(recording: Recording, cluster: ClusterReader = createRecordedCluster(recording)): Promise<Run> {
  const chat = { post: async () => ({ ts: 'card' }), update: async () => undefined };
  const { namespace, pod, capturedAt } = recording;
  return diagnose({ cluster, namespace, pod, chat, now: () => new Date(capturedAt) });
}
