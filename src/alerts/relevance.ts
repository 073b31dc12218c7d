import { type Alert, type Pointer, pointerOf } from './alert.ts';

/**
 * Whether an alert may be about image pulls. `look`: what it points at is looked at. `ask`: it is about a pull but does not say where, so
 * somebody has to. `drop`: it is about something else, or too little is known to look for anything.
 */
export type Relevance =
  | { readonly status: 'look'; readonly pointer: Exclude<Pointer, { readonly kind: 'nothing' }>; readonly because: string }
  | { readonly status: 'ask'; readonly because: string }
  | { readonly status: 'drop'; readonly because: string };

/** Reasons of a waiting container, and words for them, that say by themselves that an image cannot be had. */
const PULL_REASONS = new Set([
  'imagepullbackoff',
  'errimagepull',
  'errimageneverpull',
  'invalidimagename',
  'imageinspecterror',
  'registryunavailable',
  'signaturevalidationfailed',
]);
/**
 * Reasons that say that the image is there or that no node was found. Not among them: `ContainerCreating` and `PodInitializing`, which may hide
 * a pull that hangs, and a Job's `DeadlineExceeded`, which a pull that fails can bring about.
 */
const OTHER_REASONS = new Set([
  'crashloopbackoff',
  'oomkilled',
  'completed',
  'evicted',
  'unschedulable',
  'createcontainerconfigerror',
  'createcontainererror',
  'runcontainererror',
  'containercannotrun',
  'starterror',
]);
/** The labels that hold such a reason. */
const REASON_LABELS = ['reason', 'waiting_reason', 'kube_reason'];

const PULL_WORDS =
  /image[ _-]{0,2}pull|err[ _-]?image|pull(?:ing)?[ _-]{1,2}(?:the )?(?:container )?image|pull[ _-]?back-?off|invalidimagename|imageinspecterror/i;

interface NameRule {
  readonly names: RegExp;
  readonly about: 'pulls' | 'pods' | 'nodes' | 'other';
  readonly says: string;
}

/**
 * Names of alerts, the first that fits counts: kubernetes-mixin (alerts/apps_alerts.libsonnet, kubelet.libsonnet and the rest), node-exporter's
 * and Prometheus' own mixins, the collection of awesome-prometheus-alerts (`Kubernetes…`), Netdata's k8sstate.conf. `nodes` are looked at for
 * the pods on the node; `other` never are.
 */
const NAMES: readonly NameRule[] = [
  { names: PULL_WORDS, about: 'pulls', says: 'its name says that an image cannot be pulled' },
  { names: /crash-?loop/i, about: 'other', says: 'a container that crashes has its image' },
  { names: /oom-?kill|out-?of-?memory|cpu-?throttl/i, about: 'other', says: 'a container that runs has its image' },
  {
    names: /^kube(?:rnetes)?(?:containerwaiting|podnot(?:ready|healthy)|pdbnotenoughhealthypods)/i,
    about: 'pods',
    says: 'a pod that cannot pull is not ready',
  },
  { names: /^kube(?:rnetes)?daemonset(?:not|mis-?)scheduled/i, about: 'other', says: 'a pod that is not scheduled pulls nothing' },
  {
    names: /^kube(?:rnetes)?(?:deployment|statefulset|daemonset|replicaset|job|cronjob)/i,
    about: 'pods',
    says: 'a workload whose pods cannot pull does not get ready',
  },
  {
    names: /^k8s_state_(?:deployment|cronjob|pod|statefulset|daemonset)/,
    about: 'pods',
    says: 'a workload whose pods cannot pull does not get ready',
  },
  {
    names: /^kube(?:nodepressure|nodeeviction|nodenotready|letpodstartuplatencyhigh|rnetesnode(?:notready|diskpressure))/i,
    about: 'nodes',
    says: 'pods on a node in trouble may not pull',
  },
  { names: /^kubelet_(?:operations_error|token_requests)/, about: 'nodes', says: 'a failed pull is a failed operation of the kubelet' },
  {
    names:
      /^kube(?:persistentvolume|quota|memory|cpu|hpa|api|client|version|aggregated|node|let|proxy|scheduler|controllermanager|statemetrics)/i,
    about: 'other',
    says: 'it is about a part of the cluster, not about pods that start',
  },
  { names: /pod|deployment|stateful-?set|daemon-?set|replica|rollout/i, about: 'pods', says: 'what cannot pull does not get ready' },
  {
    names:
      /^(?:kubernetes(?:node|volume|persistentvolume|hpa|api|client|outofcapacity)|node(?:filesystem|network|highnumber|textfile|clock|raid|filedescriptor|cpu|system|memory|diskio|bonding)|prometheus|alertmanager|etcd|coredns|watchdog$|infoinhibitor$|targetdown$)/i,
    about: 'other',
    says: 'it is about a part of the cluster, not about pods that start',
  },
];

/** Decides from name, labels and words alone; the cluster is not asked. Says why. */
export function relevanceOf(alert: Alert): Relevance {
  const pointer = pointerOf(alert.location);
  const reason = reasonOf(alert.labels);
  if (reason !== undefined && PULL_REASONS.has(reason)) return aboutPulls(pointer, 'its reason says that an image cannot be pulled');
  const rule = NAMES.find(({ names }) => names.test(alert.name));
  if (rule?.about === 'pulls') return aboutPulls(pointer, rule.says);
  if (reason !== undefined && OTHER_REASONS.has(reason))
    return { status: 'drop', because: 'its reason says that the image is not what the pod waits for' };
  if (PULL_WORDS.test(alert.text)) return aboutPulls(pointer, 'its text speaks of an image that cannot be pulled');
  if (rule?.about === 'other') return { status: 'drop', because: rule.says };
  if (pointer.kind === 'nothing') return { status: 'drop', because: pointer.because };
  if (rule) return { status: 'look', pointer, because: rule.says };
  if (pointer.kind === 'node') return { status: 'drop', because: 'it names a node and nothing that starts on it' };
  return { status: 'look', pointer, because: `it names a ${pointer.kind}` };
}

/** Whether an alert that began speaks of a pull and does not say where. */
export function isQuestion(alert: Alert): boolean {
  return alert.status === 'firing' && relevanceOf(alert).status === 'ask';
}

function aboutPulls(pointer: Pointer, because: string): Relevance {
  return pointer.kind === 'nothing'
    ? { status: 'ask', because: `${because}, but ${pointer.because}` }
    : { status: 'look', pointer, because };
}

/** Datadog's tags are lower case. */
function reasonOf(labels: Alert['labels']): string | undefined {
  const label = REASON_LABELS.find((name) => Object.hasOwn(labels, name));
  return label === undefined ? undefined : labels[label]?.toLowerCase();
}
