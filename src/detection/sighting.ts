import type { Symptom } from '../diagnosis/message/pull-error.ts';

/** Who saw it: an alert that was followed to its pods, the watch of events, or the sweep over all pods. */
export type SeenBy = 'alert' | 'watch' | 'sweep';

/** A pod that was seen failing to pull an image. Made from the pod as the API server has it now, never from an event or an alert alone. */
export interface Sighting {
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  /** `Deployment/web`, or `Pod/web-0` where nothing owns the pod. */
  readonly workload: string;
  /** Empty for a pod without a node. */
  readonly node: string;
  readonly container: string;
  /** As the container asks for it, redacted. */
  readonly image: string;
  /** What the pod's most telling error points to; `hanging` pulls have no error. */
  readonly symptom: Symptom | 'hanging';
  /** RFC 3339: when the pod began to fail, as far as the cluster still says; else when it was made. */
  readonly since: string;
  readonly seenBy: SeenBy;
  /** The name of the alert's source in the configuration; only of `alert`. */
  readonly source?: string;
  /** Of an alert that was posted in a chat: its thread, where what begins with it is told. */
  readonly place?: { readonly channel: string; readonly thread: string };
  /** The pod's own, for routes and for opting in and out. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Takes what was seen and makes incidents of it. */
export interface Detector {
  /**
   * Everything that was seen at one moment in one cluster; the same pod may be seen any number of times. Throws CodedError when store or
   * queue cannot be reached: whoever saw it tells again.
   */
  see(sightings: readonly Sighting[]): Promise<void>;
}
