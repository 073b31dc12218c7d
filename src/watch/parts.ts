import type { ClusterReader } from '../cluster/cluster.ts';
import type { PodEvent, RestartReason } from '../cluster/event-watch.ts';
import type { Detector, Sighting } from '../detection/sighting.ts';
import type { PullErrorClassifier } from '../diagnosis/message/pull-error.ts';
import { asCodedError } from '../errors.ts';
import type { Marks } from '../facts/kubernetes/kubernetes-object.ts';
import type { Log } from '../telemetry/log.ts';

/** How the watch of one cluster is set up. Times in ms. */
export interface WatchSettings {
  /** What fails for less long is forgiven: rollouts heal. */
  readonly announceAfterMs: number;
  /** Between two sweeps over all pods. */
  readonly sweepMs: number;
  /** Requests for pods within a minute, besides the sweep. */
  readonly readsPerMinute: number;
  /** True where only pods and namespaces are told by themselves that say so. */
  readonly optIn: boolean;
}

/** What a watch needs. */
export interface WatcherParts {
  /** The cluster's name in the configuration. */
  readonly name: string;
  readonly cluster: Pick<ClusterReader, 'readPod' | 'listPods' | 'listPodEvents'> & {
    watchEvents(
      to: { onEvent: (event: PodEvent) => void; onRestart: (reason: RestartReason, because: string) => void },
      signal: AbortSignal,
    ): Promise<void>;
    /** What it says of itself. */
    readNamespace(namespace: string, signal: AbortSignal): Promise<Marks>;
  };
  readonly classify: PullErrorClassifier;
  readonly detector: Detector;
  /** Told all that a whole sweep saw. */
  readonly onSweep: (failing: readonly Sighting[]) => Promise<void>;
  /** Whether a namespace may be looked at. */
  readonly mayRead: (namespace: string) => boolean;
  readonly settings: WatchSettings;
  readonly onRestart: (reason: RestartReason) => void;
  readonly log: Log;
  readonly now: () => Date;
}

/** When a failing pod may be told, ms since 1970: what heals before is forgiven. */
export function ripeAt({ since }: Sighting, { announceAfterMs }: WatchSettings): number {
  const began = Date.parse(since);
  return Number.isNaN(began) ? 0 : began + announceAfterMs;
}

/** What cannot be read or told now is logged; the next sweep sees it again at the latest. */
export async function orLog<T>(
  { name, log }: Pick<WatcherParts, 'name' | 'log'>,
  about: { readonly message: string; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    if (about.signal.aborted) return undefined;
    const { code, message: because } = asCodedError(cause);
    log.warn(about.message, { cluster: name, code, because });
    return undefined;
  }
}
