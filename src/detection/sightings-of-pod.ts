import type { PullErrorClassifier } from '../diagnosis/message/pull-error.ts';
import { mostTelling } from '../diagnosis/pod/most-telling.ts';
import { imagesOf, workloadLabel, workloadOf } from '../diagnosis/pod/pod.ts';
import type { Pod } from '../facts/kubernetes/kubernetes-object.ts';
import type { Sighting } from './sighting.ts';

/** Who saw a pod, and in which cluster. */
export type Seen = Pick<Sighting, 'cluster' | 'seenBy' | 'source' | 'place'>;

/**
 * What a pod, as the API server has it now, shows of images that it cannot pull: the most telling error, or nothing. A pod that is being
 * deleted is nobody's trouble any more.
 */
export function sightingOf(pod: Pod, seen: Seen, classify: PullErrorClassifier): Sighting | undefined {
  const { metadata, spec } = pod;
  if (metadata.deletionTimestamp) return undefined;
  const worst = mostTelling(imagesOf(pod), classify);
  if (!worst) return undefined;
  return {
    ...seen,
    namespace: metadata.namespace,
    pod: metadata.name,
    uid: metadata.uid,
    workload: workloadLabel(workloadOf(pod), metadata.name),
    node: spec.nodeName ?? '',
    container: worst.name,
    image: worst.image,
    symptom: worst.symptom,
    since: metadata.creationTimestamp ?? '',
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
  };
}
