/** What a figure is called, means, and is broken down by. */
interface Definition {
  readonly help: string;
  readonly labels: readonly string[];
}

/** What only grows. Names as Prometheus has them: base units, and `_total` for what is counted. */
export const COUNTERS = {
  imagepull_detections_total: {
    help: 'What was told to look at: pods seen failing by the watch, the sweep or an alert, and questions of people.',
    labels: ['source'],
  },
  imagepull_verdicts_total: { help: 'Diagnoses that ended, by cause and how sure it is.', labels: ['cause', 'confidence'] },
  imagepull_verdicts_disputed_total: {
    help: 'Verdicts that somebody says are wrong, by cause and by what it was instead.',
    labels: ['cause', 'said'],
  },
  imagepull_unknown_errors_total: { help: 'Errors of failing images that no rule knows.', labels: [] },
  imagepull_alert_requests_total: { help: 'Requests to webhooks, by source and what became of them.', labels: ['source', 'outcome'] },
  imagepull_slack_requests_total: { help: "Requests to Slack's Web API that cards and notices needed.", labels: ['method', 'outcome'] },
  imagepull_watch_restarts_total: { help: 'How often a watch of events had to begin anew, and why.', labels: ['cluster', 'reason'] },
  imagepull_kubernetes_requests_total: {
    help: 'Requests to API servers; the code is 0 where none answered.',
    labels: ['cluster', 'verb', 'code'],
  },
} as const satisfies Readonly<Record<string, Definition>>;

/** What takes time, in seconds. */
export const HISTOGRAMS = {
  imagepull_first_post_seconds: {
    help: 'From the moment an incident is opened to its card in Slack.',
    labels: [],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  imagepull_verdict_seconds: {
    help: 'From the start of a diagnosis to its verdict.',
    labels: [],
    buckets: [0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120],
  },
} as const satisfies Readonly<Record<string, Definition & { readonly buckets: readonly number[] }>>;

/** What goes up and down, read when it is asked for. */
export const GAUGES = {
  imagepull_incidents_open: { help: 'Incidents that are open and no part of another one, over all processes.', labels: [] },
  imagepull_queue_tasks: { help: 'Tasks that wait or are under way, over all processes.', labels: ['queue'] },
  imagepull_queue_oldest_seconds: { help: 'How long the oldest task has waited that is due.', labels: ['queue'] },
  imagepull_watch_leader: { help: '1 in the process that watches the cluster, else 0.', labels: ['cluster'] },
  imagepull_unreadable_records: { help: 'Stored records that this process could not read since it started.', labels: ['kind'] },
  imagepull_build_info: { help: '1, with the version of the program.', labels: ['version'] },
} as const satisfies Readonly<Record<string, Definition>>;

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type GaugeName = keyof typeof GAUGES;

/** The values that a figure is broken down by: from small, known sets, never names of pods, namespaces, images, registries or people. */
export type LabelsOf<D extends Definition> = Readonly<Record<D['labels'][number], string>>;

/** One value of a gauge. */
export interface Sample<D extends Definition> {
  readonly labels: LabelsOf<D>;
  readonly value: number;
}

/** Where parts of the program count what they do. Counting never fails and never waits. */
export interface Metrics {
  count<N extends CounterName>(name: N, labels: LabelsOf<(typeof COUNTERS)[N]>, by?: number): void;
  time(name: HistogramName, seconds: number): void;
  /** Reads a gauge each time that figures are asked for; what throws is left out of that answer. */
  gauge<N extends GaugeName>(name: N, read: () => Promise<readonly Sample<(typeof GAUGES)[N]>[]>): void;
}

/** Counts nothing: the command line's. */
export const UNCOUNTED: Metrics = { count: () => undefined, time: () => undefined, gauge: () => undefined };
