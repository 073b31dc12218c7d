import { z } from 'zod';
import { asCodedError } from '../errors.ts';
import { deadline } from '../timing/deadline.ts';
import { pause } from '../timing/pause.ts';
import type { StreamAnswer } from './api-stream.ts';

/** What an event says of a pod. */
export interface PodEvent {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly reason: string;
}

/** Why a watch had to begin anew; what only ended by its own time is none. */
export type RestartReason = 'expired' | 'refused' | 'overloaded' | 'disconnected';

/** What a watch of events needs. */
export interface EventWatchParts {
  /** A page of a list as text. Throws what ClusterReader throws. */
  readonly read: (path: string, query: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<string>;
  /** Opens a stream. Throws node's errors. */
  readonly open: (path: string, query: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<StreamAnswer>;
  /** Hears of each event that may be about a pull that fails, also of those that were there before. Must not throw. */
  readonly onEvent: (event: PodEvent) => void;
  readonly onRestart: (reason: RestartReason, because: string) => void;
  /** Between 0 and 1. */
  readonly random?: () => number;
  /** Before the first and the longest wait after a failure, ms. */
  readonly backoffMs?: { readonly first: number; readonly longest: number };
}

/** The reasons by which kubelets speak of pulls that fail (pkg/kubelet/events/event.go, images/image_manager.go, kubelet_pods.go). */
const WATCHED_REASONS: ReadonlySet<string> = new Set([
  'Failed',
  'BackOff',
  'InspectFailed',
  'ErrImageNeverPull',
  'FailedCreatePodSandBox',
  'FailedToRetrieveImagePullSecret',
]);

/**
 * Selectors know "and" and "not", no "or". The API server keeps no cache of events, so each stream costs it a watch of its own on all
 * of etcd's events; one stream that leaves out the commonest other reasons is cheaper for it than one for each reason.
 */
const OTHER_REASONS = [
  'Scheduled',
  'Pulling',
  'Pulled',
  'Created',
  'Started',
  'Killing',
  'Unhealthy',
  'FailedScheduling',
  'FailedMount',
  'SuccessfulAttachVolume',
  'NotTriggerScaleUp',
  'TriggeredScaleUp',
  'Preempted',
  'Evicted',
  'TaintManagerEviction',
  'NodeNotReady',
];
const PATH = '/api/v1/events';
const SELECTOR = ['involvedObject.kind=Pod', ...OTHER_REASONS.map((reason) => `reason!=${reason}`)].join(',');
const PAGE = '500';
/** Shorter than etcd's compaction (5 min), so that the version that a stream ended with can be gone on from. */
const STREAM_S = { least: 240, spread: 60 } as const;
/** A stream that the server did not end by then hangs, ms. */
const OVERTIME_MS = 30_000;
/** A stream that ended sooner did not end by its time. */
const SHORTEST_MS = 1_000;
const BACKOFF_MS = { first: 1_000, longest: 30_000 } as const;

const EventObject = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  involvedObject: z.object({ namespace: z.string(), name: z.string(), uid: z.string().default('') }),
  reason: z.string(),
});
const EventPage = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()),
});
const Change = z.object({ type: z.string(), object: z.unknown() });
const Status = z.object({ code: z.number(), message: z.string().optional() });

/** How a stream ended: by its time, because its version is too old, or because something is wrong. */
type End =
  | { readonly kind: 'over' | 'expired' }
  | { readonly kind: 'failed'; readonly reason: RestartReason; readonly because: string; readonly waitMs?: number };

/** Watches events until `signal` is aborted, whatever happens to API server and network. Never throws anything else. */
export async function watchEvents(parts: EventWatchParts, signal: AbortSignal): Promise<void> {
  const { random = Math.random, backoffMs = BACKOFF_MS } = parts;
  let version: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    const end = await attempt();
    if (signal.aborted) return;
    if (end.kind !== 'failed') {
      failures = 0;
      if (end.kind === 'expired') {
        version = undefined;
        parts.onRestart('expired', 'the version to go on from is too old');
      }
      continue;
    }
    parts.onRestart(end.reason, end.because);
    failures += 1;
    const wait = Math.min(backoffMs.longest, backoffMs.first * 2 ** Math.min(failures - 1, 10)) * (0.5 + random() / 2);
    await pause(Math.max(wait, end.waitMs ?? 0), signal);
  }

  async function attempt(): Promise<End> {
    try {
      version ??= await listAll();
      return await follow();
    } catch (cause) {
      const { code, message } = asCodedError(cause);
      if (code === 'cluster/expired') return { kind: 'expired' };
      const refused = code === 'cluster/forbidden' || code === 'cluster/unauthenticated';
      return { kind: 'failed', reason: refused ? 'refused' : 'disconnected', because: message };
    }
  }

  /** What is there already, and the version from which to follow. */
  async function listAll(): Promise<string> {
    let next: string | undefined;
    for (;;) {
      const query = { fieldSelector: SELECTOR, limit: PAGE, ...(next === undefined ? {} : { continue: next }) };
      const { metadata, items } = EventPage.parse(JSON.parse(await parts.read(PATH, query, signal)));
      for (const item of items) {
        const event = EventObject.safeParse(item).data;
        if (event) tell(event);
      }
      next = metadata.continue;
      if (next === undefined || next === '') return metadata.resourceVersion;
    }
  }

  function follow(): Promise<End> {
    const seconds = Math.round(STREAM_S.least + random() * STREAM_S.spread);
    const query = { fieldSelector: SELECTOR, watch: '1', timeoutSeconds: String(seconds), resourceVersion: version ?? '' };
    return deadline({ ms: seconds * 1_000 + OVERTIME_MS, signal }, async (limit) => readToEnd(await parts.open(PATH, query, limit)));
  }

  async function readToEnd(answer: StreamAnswer): Promise<End> {
    const begun = performance.now();
    try {
      if (answer.status === 410) return { kind: 'expired' };
      if (answer.status !== 200) return refusal(answer);
      for await (const line of answer.lines()) {
        const end = take(line);
        if (end) return end;
      }
      // A server that ends each stream at once must not be asked again at once.
      if (performance.now() - begun >= SHORTEST_MS) return { kind: 'over' };
      return { kind: 'failed', reason: 'disconnected', because: 'the stream ended at once' };
    } finally {
      answer.close();
    }
  }

  /** Updates of an event (its count, its series) come as changes and count as well. */
  function take(line: string): End | undefined {
    const { type, object } = Change.parse(JSON.parse(line));
    if (type === 'ERROR') {
      const { code, message = '' } = Status.parse(object);
      return code === 410 ? { kind: 'expired' } : { kind: 'failed', reason: 'refused', because: `the API server says ${code}: ${message}` };
    }
    const event = EventObject.safeParse(object).data;
    if (!event) return undefined;
    version = event.metadata.resourceVersion;
    if (type === 'ADDED' || type === 'MODIFIED') tell(event);
    return undefined;
  }

  function tell({ reason, involvedObject: { namespace, name, uid } }: z.infer<typeof EventObject>): void {
    if (WATCHED_REASONS.has(reason)) parts.onEvent({ namespace, pod: name, uid, reason });
  }
}

function refusal({ status, retryAfterSeconds }: StreamAnswer): End {
  const because = `the API server answers with ${status}`;
  if (status === 429 || status >= 500) return { kind: 'failed', reason: 'overloaded', because, waitMs: (retryAfterSeconds ?? 0) * 1_000 };
  return { kind: 'failed', reason: 'refused', because };
}
