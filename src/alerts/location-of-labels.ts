import { isNamespaceName, isObjectName } from '../facts/kubernetes/kubernetes-name.ts';
import type { Location, WorkloadKind } from './alert.ts';

type Labels = ReadonlyMap<string, string>;

/**
 * How senders spell what says where, the first that is there counts: Prometheus and kube-state-metrics (`pod`), Datadog (`kube_namespace`,
 * `pod_name`), Netdata (`k8s_pod_name`), OpenTelemetry (`k8s.pod.name`). Dots, dashes, slashes and camelCase are read as `_`.
 * `exported_` is in front of a series' own label where the scraped target had one of that name, so it comes first.
 */
const SPELLINGS = {
  cluster: [
    'cluster',
    'cluster_name',
    'kube_cluster_name',
    'k8s_cluster_name',
    'kubernetes_cluster',
    'kubernetes_cluster_name',
    'k8s_cluster',
  ],
  namespace: [
    'exported_namespace',
    'namespace',
    'kube_namespace',
    'k8s_namespace',
    'k8s_namespace_name',
    'kubernetes_namespace',
    'kubernetes_namespace_name',
    'namespace_name',
    'pod_namespace',
  ],
  pod: ['exported_pod', 'pod', 'pod_name', 'kube_pod_name', 'k8s_pod_name', 'k8s_pod', 'kubernetes_pod_name', 'kubernetes_pod'],
  container: [
    'exported_container',
    'container',
    'container_name',
    'kube_container_name',
    'k8s_container_name',
    'kubernetes_container_name',
  ],
  node: ['exported_node', 'node', 'node_name', 'kube_node', 'k8s_node_name', 'kubernetes_node', 'kubernetes_node_name', 'nodename'],
} as const;

/** The same for workloads. `job` is the scrape job of Prometheus and never read. */
const WORKLOADS: readonly (readonly [WorkloadKind, readonly string[]])[] = [
  ['Deployment', ['deployment', 'deployment_name', 'kube_deployment', 'k8s_deployment_name', 'kubernetes_deployment']],
  ['StatefulSet', ['statefulset', 'statefulset_name', 'stateful_set', 'kube_stateful_set', 'k8s_statefulset_name']],
  ['DaemonSet', ['daemonset', 'daemonset_name', 'daemon_set', 'kube_daemon_set', 'k8s_daemonset_name']],
  ['Job', ['job_name', 'kube_job', 'k8s_job_name']],
  ['CronJob', ['cronjob', 'cronjob_name', 'cron_job', 'kube_cronjob', 'k8s_cronjob_name']],
  ['ReplicaSet', ['replicaset', 'replicaset_name', 'replica_set', 'kube_replica_set', 'k8s_replicaset_name']],
  ['ReplicationController', ['replicationcontroller', 'kube_replication_controller']],
];

/** Pairs of labels of which one holds the kind: recording rules of the mixin, kube-state-metrics, Netdata, Datadog. */
const KIND_AND_NAME: readonly (readonly [kind: string, name: string])[] = [
  ['workload_type', 'workload'],
  ['workload_kind', 'workload_name'],
  ['owner_kind', 'owner_name'],
  ['created_by_kind', 'created_by_name'],
  ['controller_kind', 'controller_name'],
  ['k8s_controller_kind', 'k8s_controller_name'],
  ['kube_ownerref_kind', 'kube_ownerref_name'],
];

const MAX_CHARACTERS = 100;

/** Reads where an alert's labels point. Never throws; a value that cannot be a name is passed over. */
export function locationOfLabels(labels: Readonly<Record<string, string>>): Location {
  const known: Labels = new Map(
    Object.entries(labels)
      .toReversed()
      .map(([key, value]) => [keyOf(key), value.trim()]),
  );
  const cluster = SPELLINGS.cluster.map((key) => known.get(key)).find((value) => value !== undefined && value !== '');
  const namespace = first(known, SPELLINGS.namespace, isNamespaceName);
  const pod = first(known, SPELLINGS.pod, isObjectName);
  const container = containerOf(known);
  const workload = workloadOf(known);
  const node = first(known, SPELLINGS.node, isObjectName);
  return withoutExporter(known, {
    ...(cluster === undefined ? {} : { cluster: cluster.slice(0, MAX_CHARACTERS) }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(pod === undefined ? {} : { pod }),
    ...(container === undefined ? {} : { container }),
    ...(workload ? { workload } : {}),
    ...(node === undefined ? {} : { node }),
  });
}

/** The kind of workload that a word means, in any case and with or without `_`. */
export function workloadKindOf(word: string): WorkloadKind | undefined {
  const plain = word.toLowerCase().replaceAll(/[ _-]/g, '');
  return WORKLOADS.find(([kind]) => kind.toLowerCase() === plain)?.[0];
}

function keyOf(key: string): string {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[./-]/g, '_')
    .toLowerCase();
}

function first(labels: Labels, keys: readonly string[], isName: (text: string) => boolean): string | undefined {
  for (const key of keys) {
    const value = labels.get(key);
    if (value !== undefined && isName(value)) return value;
  }
  return undefined;
}

/** Beside `exported_pod`, a plain `container` is that of the scraped target; so is one of the exporter's own containers. */
function containerOf(labels: Labels): string | undefined {
  const keys = labels.has('exported_pod') ? SPELLINGS.container.slice(0, 1) : SPELLINGS.container;
  const container = first(labels, keys, isNamespaceName);
  return container !== undefined && EXPORTERS_OWN.has(container) && labels.get('job')?.includes(EXPORTER) ? undefined : container;
}

function workloadOf(labels: Labels): Location['workload'] {
  for (const [kind, keys] of WORKLOADS) {
    const name = first(labels, keys, isObjectName);
    if (name !== undefined) return { kind, name };
  }
  for (const [kindKey, nameKey] of KIND_AND_NAME) {
    const kind = workloadKindOf(labels.get(kindKey) ?? '');
    const name = first(labels, [nameKey], isObjectName);
    if (kind && name !== undefined) return { kind, name };
  }
  return undefined;
}

const EXPORTER = 'kube-state-metrics';
/** What the exporter's pod runs, with the proxies that OpenShift puts before it. */
const EXPORTERS_OWN: ReadonlySet<string> = new Set([EXPORTER, 'kube-rbac-proxy', 'kube-rbac-proxy-main', 'kube-rbac-proxy-self']);
/** What is always kept of a workload's name in front of what its pods' names end with: generateName cuts at 58 characters. */
const NAME_KEPT = 47;

/**
 * A series scraped without label dropping (kube-prometheus-stack) also carries pod, container and namespace of the exporter. That pod is
 * told by its name: it is not of the workload in question. A series about a node has no namespace of its own.
 */
function withoutExporter(labels: Labels, location: Location): Location {
  const { pod, container, namespace, ...rest } = location;
  const kept = namespace === undefined ? rest : { ...rest, namespace };
  if (location.workload) return pod !== undefined && !pod.startsWith(location.workload.name.slice(0, NAME_KEPT)) ? kept : location;
  const scraped = labels.has('job') && labels.has('instance');
  if (!scraped || location.node === undefined) return location;
  return pod === undefined || pod.includes(EXPORTER) ? rest : location;
}
