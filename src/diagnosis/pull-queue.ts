import type { Finding } from './finding.ts';
import type { Event, Pod } from './kubernetes-object.ts';
import { imagesOf } from './pod.ts';
import { seenAt } from './pod-events.ts';
import { redact } from './redaction.ts';
import { count, duration } from './wording.ts';

/** A pull that has begun, as far as the events know, and whose container still waits. */
interface WaitingPull {
  readonly pod: string;
  readonly uid: string;
  readonly image: string;
  readonly since: number;
}

/**
 * Whether a pull waits in line behind another one on a node that pulls one image at a time. The kubelet writes `Pulling` before
 * a pull gets its turn, so the oldest one without a result holds the line.
 */
export function stallFindings(
  given: {
    readonly uid: string;
    readonly node: string;
    readonly containers: readonly string[];
    readonly pods: readonly Pod[];
    readonly events: readonly Event[];
  },
  now: Date,
): readonly Finding[] {
  const waiting = given.pods.filter((pod) => pod.spec.nodeName === given.node).flatMap((pod) => waitingPulls(pod, given.events));
  const ours = waiting.filter((pull) => pull.uid === given.uid).sort((a, b) => a.since - b.since)[0];
  const oldest = [...waiting].sort((a, b) => a.since - b.since)[0];
  if (!ours || !oldest) return [];
  if (oldest.uid === ours.uid) return given.containers.map((container) => oldestFinding(container, ours, given.node, waiting));
  const behind = new Set(waiting.filter((pull) => pull.uid !== oldest.uid).map((pull) => pull.uid)).size;
  const evidence = {
    source: 'pod-event',
    vantage: 'node',
    observedAt: new Date(oldest.since).toISOString(),
    text: redact(`Pulling image "${oldest.image}" (pod ${oldest.pod})`),
  } as const;
  const says = `${oldest.pod} holds the line on ${given.node}: it has been pulling ${oldest.image} for ${duration(now.getTime() - oldest.since)} without a result, and ${count(behind, 'pod')} ${behind === 1 ? 'waits' : 'wait'} behind it.`;
  return given.containers.map((container) => ({ code: 'kubelet/serialized-stall', says: redact(says), container, evidence: [evidence] }));
}

function oldestFinding(container: string, ours: WaitingPull, node: string, waiting: readonly WaitingPull[]): Finding {
  const behind = new Set(waiting.filter((pull) => pull.uid !== ours.uid).map((pull) => pull.uid)).size;
  const others = behind === 0 ? 'and no other pod waits' : `and ${count(behind, 'pod')} ${behind === 1 ? 'waits' : 'wait'} behind it`;
  return {
    code: 'kubelet/oldest-pull',
    says: redact(`No pull on ${node} that still waits is older than this one, so nothing holds it up there, ${others}.`),
    container,
    evidence: [
      {
        source: 'pod-event',
        vantage: 'node',
        observedAt: new Date(ours.since).toISOString(),
        text: redact(`Pulling image "${ours.image}"`),
      },
    ],
  };
}

/** The pulls of a pod whose images are neither there nor known to have failed since. */
function waitingPulls(pod: Pod, events: readonly Event[]): readonly WaitingPull[] {
  const wanted = new Set(imagesOf(pod).flatMap(({ image, state }) => (state.status === 'waiting' ? [image] : [])));
  const own = events.filter((event) => event.reason === 'Pulling' && event.involvedObject.uid === pod.metadata.uid);
  return own.flatMap((event): readonly WaitingPull[] => {
    const image = /^Pulling image "([^"]{1,1000})"/.exec(event.message ?? '')?.[1];
    if (image === undefined || !wanted.has(image)) return [];
    return [{ pod: `${pod.metadata.namespace}/${pod.metadata.name}`, uid: pod.metadata.uid, image, since: seenAt(event) }];
  });
}
