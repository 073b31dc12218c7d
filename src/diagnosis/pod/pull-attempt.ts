import { type Event, firstSeen, lastSeen, timesSeen } from '../../facts/kubernetes/kubernetes-object.ts';
import { backoffDelay, SYNC_SLACK_MS } from './backoff.ts';
import { isPullFailure, newest, seenAt } from './pod-events.ts';

/**
 * The events of one source about one pod that client-go's recorder lets through at once; then one every five minutes
 * (tools/record/events_cache.go). What it drops still counts in the next event of the same text that gets through.
 */
const RECORDER_BURST = 25;
/** A recorder that holds back lets an event through within this time: five minutes, and the pause until the pod's next round. */
const RECORDER_SILENCE_MS = 330_000;

/**
 * The Pulling event of an attempt that has neither failed nor succeeded yet. `own` are the events of its container, `ofPod` those of the
 * whole pod: once the kubelet has dropped some, a short silence proves nothing.
 */
export function openAttempt(own: readonly Event[], now: Date, ofPod: readonly Event[] = own): Event | undefined {
  const begun = newest(own.filter(isBeginning));
  if (!begun || own.some((event) => endsAttempt(event, seenAt(begun)))) return undefined;
  const maySayNothing = isThrottled(ofPod) && now.getTime() - seenAt(begun) < RECORDER_SILENCE_MS;
  return maySayNothing ? undefined : begun;
}

/**
 * True for an event that shows that an attempt which began then is over. Events know whole seconds: a failure or success of the same
 * second is this attempt's, since at least ten seconds lie between two; a back-off of the same second is the one before it.
 */
function endsAttempt(event: Event, began: number): boolean {
  if (isBeginning(event)) return false;
  if (event.reason === 'Pulled' || isPullFailure(event)) return seenAt(event) >= began;
  return (event.reason === 'BackOff' || event.reason === 'Failed') && seenAt(event) > began;
}

function isBeginning(event: Event): boolean {
  return event.reason === 'Pulling';
}

function isThrottled(events: readonly Event[]): boolean {
  return events.reduce((sum, event) => sum + timesSeen(event), 0) >= RECORDER_BURST;
}

/**
 * How long the longest attempt lasted that ended with one of these failures, ms, as far as the events of its container can tell: of a
 * folded event only the first and the last time are known.
 */
export function longestAttempt(own: readonly Event[], ended: readonly Event[]): number | undefined {
  const begun = spanOf(own.filter(isBeginning));
  const failures = own.filter((event) => event.reason === 'Failed' && isPullFailure(event));
  const failed = spanOf(failures);
  const end = spanOf(ended);
  if (begun.times === 0 || end.times === 0) return undefined;
  const measured: number[] = [];
  // With more failures than beginnings, the beginning of the last attempt was dropped; with fewer it may have been.
  const paired = failed.times === begun.times || (failed.times < begun.times && !isThrottled(own));
  if (end.last === failed.last && begun.last <= failed.last && paired) measured.push(failed.last - begun.last);
  // A failure that is missing may be the first; and what was there before belongs to another time.
  const complete = failed.times >= begun.times - 1 && !own.some((event) => event.reason === 'Pulled');
  if (complete && end.first === failed.first && begun.first <= failed.first) measured.push(failed.first - begun.first);
  if (complete && end.last === failed.last && !isThrottled(own)) measured.push(...sinceRetry(failures));
  return measured.length === 0 ? undefined : Math.max(...measured);
}

/** The least that the last attempt lasted where its beginning is hidden: the kubelet began it when the back-off of the failure before was over. */
function sinceRetry(failures: readonly Event[]): readonly number[] {
  // Of an event that was seen three times, one time is hidden.
  if (failures.some((event) => timesSeen(event) > 2)) return [];
  const times = failures.flatMap((event) => timesOf(event).slice(0, timesSeen(event))).sort((a, b) => a - b);
  const [before, last] = times.slice(-2);
  if (before === undefined || last === undefined) return [];
  return [last - (before + backoffDelay(times.length - 1) + SYNC_SLACK_MS)];
}

/** The first and last time of some events, ms, and how often they happened in all. */
function spanOf(events: readonly Event[]): { readonly first: number; readonly last: number; readonly times: number } {
  const times = events.flatMap(timesOf);
  return { first: Math.min(...times), last: Math.max(...times), times: events.reduce((sum, event) => sum + timesSeen(event), 0) };
}

function timesOf(event: Event): readonly number[] {
  return [firstSeen(event), lastSeen(event)].flatMap((time) => (time === undefined ? [] : Date.parse(time)));
}
