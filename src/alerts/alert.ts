/** Kinds of workload that an alert can name; each is a controller that makes pods. */
export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicaSet', 'ReplicationController'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** Where something is wrong, as far as an alert says so. Every name has the form that Kubernetes asks for; `cluster` is free text. */
export interface Location {
  readonly cluster?: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly workload?: { readonly kind: WorkloadKind; readonly name: string };
  readonly node?: string;
}

/** One alert, whatever sent it. Its words are redacted and cut; they are data, and may hold newlines and markup. */
export interface Alert {
  /** Name of the source in the configuration. */
  readonly source: string;
  readonly status: 'firing' | 'resolved';
  /** What the sender calls this alert, the same when it is sent again and when it ends; made of name and location where it sends nothing. */
  readonly id: string;
  /** What the sender says it belongs to, such as Alertmanager's `groupKey`. */
  readonly group?: string;
  /** Such as `KubePodNotReady`. */
  readonly name: string;
  /** RFC 3339, by the sender's clock, so it may lie in the future. Absent where the sender gives none. */
  readonly startsAt?: string;
  readonly location: Location;
  readonly labels: Readonly<Record<string, string>>;
  /** What people wrote: summary and description. */
  readonly text: string;
}

/** What came of one body. */
export interface AlertReading {
  readonly alerts: readonly Alert[];
  /** What could not be read, a line each that says where in the body it stands and quotes nothing. */
  readonly problems: readonly string[];
  /** Alerts that the sender counted and left out, or that are too many for one body. */
  readonly leftOut: number;
  /** Entries that say neither that something began nor that it ended, such as an acknowledgement. */
  readonly ignored: number;
}

/** What to look at for an alert. */
export type Pointer =
  | { readonly kind: 'pod'; readonly namespace: string; readonly pod: string; readonly workload?: NonNullable<Location['workload']> }
  | { readonly kind: 'workload'; readonly namespace: string; readonly workload: NonNullable<Location['workload']> }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'node'; readonly node: string }
  | { readonly kind: 'nothing'; readonly because: string };

/** The narrowest thing that can be looked at: a pod, else its workload, the namespace, the node. */
export function pointerOf({ namespace, pod, workload, node }: Location): Pointer {
  if (namespace !== undefined && pod !== undefined) return { kind: 'pod', namespace, pod, ...(workload ? { workload } : {}) };
  if (namespace !== undefined && workload) return { kind: 'workload', namespace, workload };
  if (namespace !== undefined) return { kind: 'namespace', namespace };
  if (node !== undefined) return { kind: 'node', node };
  if (pod !== undefined) return { kind: 'nothing', because: `it names the pod ${pod} but no namespace` };
  if (workload) return { kind: 'nothing', because: `it names the ${workload.kind} ${workload.name} but no namespace` };
  return { kind: 'nothing', because: 'it names no pod, workload, namespace or node' };
}

/** The same for an alert that is sent again, another one once it ended or began anew. */
export function deliveryKey({ source, id, startsAt, status }: Alert): string {
  return JSON.stringify([source, id, startsAt ?? '', status]);
}
