import type { Event, Pod } from '../../facts/kubernetes/kubernetes-object.ts';
import { redact } from '../../facts/redaction.ts';
import { count, duration } from '../../text/wording.ts';
import { observed } from '../evidence.ts';
import type { Finding } from '../finding.ts';
import { imagesOf, mayBePulling } from './pod.ts';
import { eventsOf, messageOf, newest, seenAt } from './pod-events.ts';
import { openAttempt } from './pull-attempt.ts';
import type { PodImage } from './target.ts';

/** The pull that a pod is at, or was at last, by its newest Pulling event. */
export interface CurrentPull {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly image: PodImage;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** A pod and its pull, and the node whose kubelet pulls one image at a time. */
export interface Waiting {
  readonly uid: string;
  readonly since: number;
  readonly node: string;
}

/** What is known of the other pulls of a node: pods, and events of any pods. */
export interface Line {
  readonly pods: readonly Pod[];
  readonly events: readonly Event[];
}

/** Pulls of other pods on the node that may go on, the oldest first. A pod pulls its images one after another, so its newest event counts. */
export function otherPulls(ours: Waiting, { pods, events }: Line): readonly CurrentPull[] {
  const byUid = Map.groupBy(events, (event) => event.involvedObject.uid ?? '');
  return pods
    .filter((pod) => pod.spec.nodeName === ours.node && pod.metadata.uid !== ours.uid)
    .flatMap((pod) => currentPull(pod, byUid.get(pod.metadata.uid) ?? []))
    .sort((a, b) => a.since - b.since);
}

/** Those that began before ours, or in the same second: events know seconds only, so nobody can say which of two was first. */
export function notYounger(ours: Waiting, pulls: readonly CurrentPull[]): readonly CurrentPull[] {
  return pulls.filter((pull) => pull.since <= ours.since);
}

function currentPull(pod: Pod, events: readonly Event[]): readonly CurrentPull[] {
  const event = newest(events.filter((candidate) => candidate.reason === 'Pulling'));
  if (!event) return [];
  const image = imagesOf(pod).find(
    (candidate) => eventsOf(candidate, [event]).length > 0 && messageOf(event).includes(`"${candidate.image}"`),
  );
  if (!image || image.state.status === 'present') return [];
  // A volume's image has no status; a container that has not been reached pulls nothing.
  if (!mayBePulling(image) && image.state.status !== 'failing' && image.kind !== 'image volume') return [];
  const { namespace, name, uid } = pod.metadata;
  return [{ namespace, name, uid, image, since: seenAt(event) }];
}

/** `going-on`, `over`, or `unknown` where the kubelet may have dropped the event that would tell. */
export type PullState = 'going-on' | 'over' | 'unknown';

/** How far a pull is by the events of its pod: Pulling, Failed, BackOff and Pulled. */
export function stateOfPull(pull: CurrentPull, events: readonly Event[], now: Date): PullState {
  const ofPod = events.filter((event) => event.involvedObject.uid === pull.uid);
  const own = eventsOf(pull.image, ofPod);
  if (!openAttempt(own, now, [])) return 'over';
  return openAttempt(own, now, ofPod) ? 'going-on' : 'unknown';
}

/** True where a pod that is gone by now may still hold the line: its pull does not end with it. */
export function hasLostPull(ours: Waiting, { pods, events }: Line): boolean {
  const known = new Set(pods.map((pod) => pod.metadata.uid));
  const lost = events.filter(({ involvedObject, source }) => source?.host === ours.node && !known.has(involvedObject.uid ?? ''));
  const ended = new Map(
    [...Map.groupBy(lost, (event) => event.involvedObject.uid ?? '')].map(([uid, list]) => [uid, newest(list)?.reason !== 'Pulling']),
  );
  return lost.some((event) => event.reason === 'Pulling' && seenAt(event) <= ours.since && !ended.get(event.involvedObject.uid ?? ''));
}

/** That another pull holds up this one. `waiting` are the pods behind it, ours among them. */
export function stallFindings(
  blocker: CurrentPull,
  waiting: { readonly pods: number; readonly atLeast: boolean },
  given: { readonly node: string; readonly containers: readonly string[]; readonly now: Date },
): readonly Finding[] {
  const { namespace, name, image, since } = blocker;
  const { node, containers, now } = given;
  const behind = `${waiting.atLeast ? 'at least ' : ''}${count(waiting.pods, 'pod')} ${waiting.pods === 1 ? 'waits' : 'wait'}`;
  const says = `${namespace}/${name} holds up ${node}: it has been pulling ${image.image} for ${duration(now.getTime() - since)} without a result, and ${behind} behind it.`;
  const text = `Pulling image "${image.image}" (pod ${namespace}/${name})`;
  return containers.map((container) => ({
    code: 'kubelet/serialized-stall',
    says: redact(says),
    container,
    names: { blocker: `${namespace}/${name}`, pullingFor: duration(now.getTime() - since) },
    evidence: [observed('pod-event', { from: 'node', at: new Date(since), text })],
  }));
}

/** That nothing older waits on the node, so this pull is not held up by another one. */
export function oldestFindings(ours: Waiting, containers: readonly string[]): readonly Finding[] {
  const at = new Date(ours.since).toISOString();
  return containers.map((container) => ({
    code: 'kubelet/oldest-pull',
    says: `No pull on ${ours.node} that still waits is older than this one, so no other pull holds it up.`,
    container,
    evidence: [observed('pod-event', { from: 'node', at, text: 'Pulling events of the node' })],
  }));
}
