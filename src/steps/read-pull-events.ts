import { pullHistory } from '../diagnosis/pod/pull-history.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import { asCodedError } from '../errors.ts';
import type { ProbeContext } from './step.ts';

/** Reads why the pod's images fail from its events, and from its status where events are gone or may not be read. One request. */
export async function readPullEvents({ target, cluster, classify, now, signal }: ProbeContext): Promise<StepResult> {
  const pod = { namespace: target.namespace, name: target.pod, ...(target.uid === '' ? {} : { uid: target.uid }) };
  try {
    return pullHistory(target, await cluster.listPodEvents(pod, signal), classify, now);
  } catch (cause) {
    const error = asCodedError(cause);
    if (error.code !== 'cluster/forbidden') throw error;
    return {
      ...pullHistory(target, [], classify, now),
      shortfall: `The pod's events could not be read, only its status. ${error.message}`,
    };
  }
}
