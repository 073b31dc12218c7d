import type { Sighting } from '../detection/sighting.ts';
import { imagesOf, mayBePulling, workloadLabel, workloadOf } from '../diagnosis/pod/pod.ts';
import type { Event, Pod } from '../facts/kubernetes/kubernetes-object.ts';

/** A pull that takes longer is worth a look: containerd gives up a pull without progress after five minutes, and large images take a few. */
const HANGS_AFTER_MS = 15 * 60_000;

/** Whether a pod has waited so long on its node that a pull of it may hang; only its events tell. */
export function mayHang(pod: Pod, now: Date): boolean {
  const { metadata, spec, status } = pod;
  if (metadata.deletionTimestamp || !spec.nodeName || status.phase !== 'Pending') return false;
  return now.getTime() - Date.parse(metadata.creationTimestamp ?? '') > HANGS_AFTER_MS && imagesOf(pod).some(mayBePulling);
}

/** A pull that began and about which the kubelet has said nothing since. */
export function hangs(pod: Pod, events: readonly Event[], now: Date): Omit<Sighting, 'cluster' | 'seenBy' | 'source'> | undefined {
  const { metadata, spec } = pod;
  const times = (reasons: readonly string[]) =>
    events.filter(({ reason }) => reasons.includes(reason ?? '')).map((event) => Date.parse(timeOf(event)));
  const began = Math.max(...times(['Pulling']));
  const ended = Math.max(...times(['Pulled', 'Failed', 'BackOff']));
  if (!Number.isFinite(began) || ended >= began || now.getTime() - began < HANGS_AFTER_MS) return undefined;
  const image = imagesOf(pod).find(mayBePulling);
  if (!image) return undefined;
  return {
    namespace: metadata.namespace,
    pod: metadata.name,
    uid: metadata.uid,
    workload: workloadLabel(workloadOf(pod), metadata.name),
    node: spec.nodeName ?? '',
    container: image.name,
    image: image.image,
    symptom: 'hanging',
    since: new Date(began).toISOString(),
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
  };
}

function timeOf(event: Event): string {
  return event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? '';
}
