import type { Finding } from '../diagnosis/finding.ts';
import {
  type CurrentPull,
  hasLostPull,
  type Line,
  notYounger,
  oldestFindings,
  otherPulls,
  type PullState,
  stallFindings,
  stateOfPull,
  type Waiting,
} from '../diagnosis/pod/pull-queue.ts';
import type { Event } from '../facts/kubernetes/kubernetes-object.ts';
import type { ProbeContext } from './step.ts';

const PAGE = 500;
/** Pods that are asked about one by one where the cluster has more events than a page. */
const MAX_ASKED = 5;

/**
 * Looks for the pull that holds up the target's on a node that pulls one image at a time: the oldest of those whose last word is Pulling.
 * Two requests where nothing hangs longer, one more to see which of the older ones are over.
 */
export async function findBlockingPull(context: ProbeContext, node: string): Promise<readonly Finding[]> {
  const { cluster, target, now, signal } = context;
  const hanging = context.findings.filter(({ code, container }) => code === 'pod/pull-no-progress' && container !== undefined);
  const since = Math.max(...hanging.flatMap(({ evidence }) => evidence.map(({ observedAt }) => Date.parse(observedAt))));
  if (!Number.isFinite(since)) return [];
  const containers = [...new Set(hanging.flatMap(({ container }) => container ?? []))];
  const ours: Waiting = { uid: target.uid, since, node };
  const [all, events] = await Promise.all([
    cluster.listPods({ limit: PAGE }, signal),
    cluster.listEvents({ reason: 'Pulling', limit: PAGE }, signal),
  ]);
  const page = all.more ? await cluster.listPods({ node, limit: PAGE }, signal) : all;
  const begun: Line = { pods: page.pods, events };
  const others = otherPulls(ours, begun);
  // A full page may lack the older event: then nobody is cleared.
  const complete = events.length < PAGE && page.more === undefined;
  if (notYounger(ours, others).length === 0 && !hasLostPull(ours, begun)) return complete ? oldestFindings(ours, containers) : [];

  const seen = await readStates(context, others, begun);
  const older = seen.pulls.filter(({ pull }) => pull.since < since);
  const blocker = older.find(({ state }) => state === 'going-on');
  if (blocker) {
    const behind = seen.pulls.filter(({ pull, state }) => state === 'going-on' && pull.since > blocker.pull.since);
    const waiting = { pods: behind.length + 1, atLeast: !seen.complete || !complete };
    return stallFindings(blocker.pull, waiting, { node, containers, now });
  }
  const cleared = notYounger(ours, others).every((other) => seen.pulls.some(({ pull, state }) => pull === other && state === 'over'));
  return complete && cleared && !hasLostPull(ours, seen.line) ? oldestFindings(ours, containers) : [];
}

interface SeenPulls {
  readonly pulls: readonly { readonly pull: CurrentPull; readonly state: PullState }[];
  readonly line: Line;
  /** False when not every pull was looked at. */
  readonly complete: boolean;
}

async function readStates(context: ProbeContext, pulls: readonly CurrentPull[], begun: Line): Promise<SeenPulls> {
  const { cluster, now, signal } = context;
  const ends = await cluster.listPullEnds(PAGE, signal);
  const line: Line = { pods: begun.pods, events: [...begun.events, ...ends.events] };
  if (ends.complete) return { pulls: pulls.map((pull) => ({ pull, state: stateOfPull(pull, line.events, now) })), line, complete: true };
  const asked = await Promise.all(
    pulls.slice(0, MAX_ASKED).map(async (pull) => ({ pull, state: stateOfPull(pull, await eventsOfPod(context, pull), now) })),
  );
  return { pulls: asked, line, complete: pulls.length <= MAX_ASKED };
}

function eventsOfPod({ cluster, signal }: ProbeContext, { namespace, name, uid }: CurrentPull): Promise<readonly Event[]> {
  return cluster.listPodEvents({ namespace, name, uid }, signal);
}
