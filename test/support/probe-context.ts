import type { KubeletReader } from '../../src/cluster/cluster.ts';
import { targetOf } from '../../src/diagnosis/pod/pod.ts';
import { CodedError } from '../../src/errors.ts';
import type { Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import type { Recording } from '../../src/recording/recording.ts';
import type { ProbeContext } from '../../src/steps/step.ts';
import { recordingOf } from './diagnosis.ts';
import { classify } from './rules.ts';

/** The context of a probe of one pod, answered out of a recording of it; give what the test is about. */
export function probeContext(pod: Pod, given: Partial<ProbeContext> & { readonly recording?: Partial<Recording> } = {}): ProbeContext {
  const { recording, ...context } = given;
  return {
    ...createRecordedSources({ ...recordingOf(pod), ...recording }),
    target: targetOf(pod, { cluster: 'test' }),
    findings: [],
    failures: [],
    mayReadSecrets: true,
    history: { read: async () => [], keep: async () => undefined },
    classify,
    now: new Date('2026-03-01T10:10:00Z'),
    signal: new AbortController().signal,
    ...context,
  };
}

/** A kubelet that answers nothing unless told to. */
export function silentKubelet(given: Partial<KubeletReader> = {}): KubeletReader {
  const silent = async () => {
    throw new CodedError('kubelet/off', 'The kubelet is not asked.');
  };
  return {
    access: 'off',
    sampleMetrics: silent,
    readStats: silent,
    readConfiguration: silent,
    readLog: silent,
    requests: () => 0,
    ...given,
  };
}
