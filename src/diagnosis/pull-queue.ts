import type { Finding } from './finding.ts';
import type { Event, Pod } from './kubernetes-object.ts';
import { imagesOf, mayBePulling } from './pod.ts';
import { isPullFailure, newest, seenAt } from './pod-events.ts';
import { redact } from './redaction.ts';
import { count, duration } from './wording.ts';

/** The pull that a pod is at, as far as its newest Pulling event and its status know. */
export interface CurrentPull {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly container: string;
  readonly image: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** False when the status is that of an earlier attempt; then the pod's own events have to tell whether this one goes on. */
  readonly isCertain: boolean;
}

/** The pulls on a node that began before ours and may still go on, the oldest first. A pod pulls its images one after another, so its newest event counts. */
export function olderPulls(
  ours: { readonly uid: string; readonly since: number },
  node: string,
  pods: readonly Pod[],
  events: readonly Event[],
): readonly CurrentPull[] {
  const byUid = Map.groupBy(events, (event) => event.involvedObject.uid ?? '');
  return pods
    .filter((pod) => pod.spec.nodeName === node && pod.metadata.uid !== ours.uid)
    .flatMap((pod) => currentPull(pod, byUid.get(pod.metadata.uid) ?? []))
    .filter((pull) => pull.since < ours.since)
    .sort((a, b) => a.since - b.since);
}

function currentPull(pod: Pod, events: readonly Event[]): readonly CurrentPull[] {
  const event = newest(events.filter((candidate) => candidate.reason === 'Pulling'));
  const image = /^Pulling image "([^"]{1,1000})"/.exec(event?.message ?? '')?.[1];
  const container = /\{([^{}]{1,253})\}$/.exec(event?.involvedObject.fieldPath ?? '')?.[1];
  const wanted = imagesOf(pod).find((candidate) => candidate.image === image && (container === undefined || candidate.name === container));
  if (!event || image === undefined || !wanted || !(mayBePulling(wanted) || wanted.state.status === 'failing')) return [];
  const { namespace, name, uid } = pod.metadata;
  return [{ namespace, name, uid, container: wanted.name, image, since: seenAt(event), isCertain: wanted.state.status === 'waiting' }];
}

/** True when a pod's own events show no end of the pull that began at this time. */
export function isGoingOn(pull: CurrentPull, own: readonly Event[]): boolean {
  return !own.some((event) => seenAt(event) >= pull.since && (event.reason === 'Pulled' || isPullFailure(event)));
}

/** That another pull holds up this one. */
export function stallFindings(
  blocker: CurrentPull,
  waiting: number,
  node: string,
  containers: readonly string[],
  now: Date,
): readonly Finding[] {
  const { namespace, name, image, since } = blocker;
  const says = `${namespace}/${name} holds the line on ${node}: it has been pulling ${image} for ${duration(now.getTime() - since)} without a result, and ${count(waiting, 'pod')} ${waiting === 1 ? 'waits' : 'wait'} behind it.`;
  const text = redact(`Pulling image "${image}" (pod ${namespace}/${name})`);
  return containers.map((container) => ({
    code: 'kubelet/serialized-stall',
    says: redact(says),
    container,
    names: { blocker: `${namespace}/${name}`, pullingFor: duration(now.getTime() - since) },
    evidence: [{ source: 'pod-event', vantage: 'node', observedAt: new Date(since).toISOString(), text }],
  }));
}

/** That nothing older waits on the node, so this pull is not held up by another one. */
export function oldestFindings(node: string, since: number, containers: readonly string[]): readonly Finding[] {
  return containers.map((container) => ({
    code: 'kubelet/oldest-pull',
    says: `No pull on ${node} that still waits is older than this one, so no other pull holds it up.`,
    container,
    evidence: [{ source: 'pod-event', vantage: 'node', observedAt: new Date(since).toISOString(), text: 'Pulling events of the node' }],
  }));
}
