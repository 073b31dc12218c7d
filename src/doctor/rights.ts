/** A right in a cluster. */
export interface Right {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** The only object that it is for. */
  readonly name?: string;
}

/**
 * Where rights have to hold: in the namespaces that are diagnosed or, for an executor, changed; in the whole cluster, for all namespaces at once or
 * for what is in none; in the bot's own namespace; in that of node tasks; in `default`, where a cluster keeps events of what is in no namespace.
 */
export type Where = 'namespaces' | 'cluster' | 'own' | 'node-tasks' | 'default';

/** Rights that one thing rests on, and what is lost without them. */
export interface Need {
  readonly id: string;
  /** The role of the chart that gives them; its name ends so. */
  readonly role: string;
  readonly where: Where;
  readonly rights: readonly Right[];
  readonly without: string;
  /** True where nothing works without them. */
  readonly vital?: boolean;
}

const CORE = '';
const of = (group: string, resources: readonly string[], verbs: readonly string[], name?: string): readonly Right[] =>
  resources.flatMap((one) => {
    const [resource = '', subresource] = one.split('/');
    const more = { ...(subresource === undefined ? {} : { subresource }), ...(name === undefined ? {} : { name }) };
    return verbs.map((verb) => ({ verb, group, resource, ...more }));
  });

/*
 * All that the program asks of an API server as a service, by who asks, and nothing else: a test writes down what is asked while all others run, and
 * compares. The roles of the chart and of docs/security.md are compared with it as well.
 */

/** What a worker needs. */
export const READER: readonly Need[] = [
  {
    id: 'rights-diagnosis',
    role: 'reader',
    where: 'namespaces',
    rights: [...of(CORE, ['pods'], ['get', 'list']), ...of(CORE, ['events'], ['list'])],
    without: 'nothing is diagnosed',
    vital: true,
  },
  {
    id: 'rights-watch',
    role: 'reader',
    where: 'cluster',
    rights: [...of(CORE, ['pods', 'events'], ['list']), ...of(CORE, ['events'], ['watch'])],
    without: 'the watch only sweeps, and sees what fails later; without `list` it sees nothing',
  },
  {
    id: 'rights-namespaces',
    role: 'reader',
    where: 'cluster',
    rights: of(CORE, ['namespaces'], ['get']),
    without: 'labels that opt in to the watch or out of it are not heeded',
  },
  {
    id: 'rights-nodes',
    role: 'reader',
    where: 'cluster',
    rights: of(CORE, ['nodes'], ['get']),
    without: 'platform, conditions and images of nodes are not checked',
  },
  {
    id: 'rights-accounts',
    role: 'reader',
    where: 'namespaces',
    rights: of(CORE, ['serviceaccounts'], ['get']),
    without: 'a pull secret that a service account named too late for a pod is not found',
  },
  {
    id: 'rights-secrets',
    role: 'secret-reader',
    where: 'namespaces',
    rights: of(CORE, ['secrets'], ['get']),
    without: 'registries are asked anonymously, and nobody learns which login a kubelet would use (`secrets: false` does without)',
  },
  {
    id: 'rights-workloads',
    role: 'reader',
    where: 'namespaces',
    rights: [
      ...of(CORE, ['replicationcontrollers'], ['get']),
      ...of('apps', ['deployments', 'statefulsets', 'daemonsets', 'replicasets'], ['get']),
      ...of('batch', ['jobs'], ['get', 'list']),
      ...of('batch', ['cronjobs'], ['get']),
    ],
    without: 'who made a pod, and whether Argo CD, Flux or Helm would take a fix back, is not known',
  },
  {
    id: 'rights-kubelet',
    role: 'kubelet-reader',
    where: 'cluster',
    rights: of(CORE, ['nodes/metrics', 'nodes/stats', 'nodes/configz', 'nodes/log'], ['get']),
    without: "the kubelet's own figures and settings are not read (`kubelet: off` does without)",
  },
  {
    id: 'rights-lease',
    role: 'lease',
    where: 'own',
    rights: [
      ...of('coordination.k8s.io', ['leases'], ['create']),
      ...of('coordination.k8s.io', ['leases'], ['get', 'update'], 'imagepull-watch'),
    ],
    without: 'several workers would all watch: set `watch.lease: off` and run one',
  },
];

/** What an executor needs of the credentials of a reader, to ask registries as a kubelet would. */
export const PROVER: readonly Need[] = [
  {
    id: 'rights-proof',
    role: 'prover',
    where: 'cluster',
    rights: of(CORE, ['nodes'], ['get']),
    without: 'an image is not known to be there for the platform of a node before something is changed',
  },
  {
    id: 'rights-proof-secrets',
    role: 'secret-reader',
    where: 'namespaces',
    rights: of(CORE, ['secrets'], ['get']),
    without: 'remedies whose image needs a login are refused (`secrets: false` does without)',
  },
];

/** What an executor needs of its own credentials. */
export const EXECUTOR: readonly Need[] = [
  {
    id: 'rights-remedies',
    role: 'executor',
    where: 'namespaces',
    rights: [
      ...of(CORE, ['pods'], ['get', 'list', 'delete']),
      ...of(CORE, ['replicationcontrollers'], ['get']),
      ...of(CORE, ['serviceaccounts'], ['get', 'patch']),
      ...of(CORE, ['events'], ['create']),
      ...of('apps', ['deployments', 'statefulsets', 'daemonsets'], ['get', 'patch']),
      ...of('apps', ['replicasets'], ['get', 'list']),
      ...of('apps', ['controllerrevisions'], ['list']),
      ...of('batch', ['jobs'], ['get']),
      ...of('policy', ['poddisruptionbudgets'], ['list']),
      ...of('autoscaling', ['horizontalpodautoscalers'], ['list']),
    ],
    without: 'the remedies that need them are refused when they are planned',
  },
  {
    id: 'rights-cordon',
    role: 'executor-nodes',
    where: 'cluster',
    rights: of(CORE, ['nodes'], ['get', 'patch']),
    without: '`cordon-node` and `uncordon-node` are refused (`executor.nodes: false` does without)',
  },
  {
    id: 'rights-node-events',
    role: 'executor-node-events',
    where: 'default',
    rights: of(CORE, ['events'], ['create']),
    without: 'a line in the log stands for the event beside a node',
  },
  {
    id: 'rights-approver',
    role: 'approver',
    where: 'cluster',
    rights: of('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
    without: 'everything is refused (`executor.approver: off` does without)',
  },
  {
    id: 'rights-node-tasks',
    role: 'executor-node-tasks',
    where: 'cluster',
    rights: [...of(CORE, ['nodes'], ['get']), ...of(CORE, ['pods'], ['list'])],
    without: 'nodes are neither looked at nor pruned',
  },
  {
    id: 'rights-node-task-pods',
    role: 'node-task',
    where: 'node-tasks',
    rights: [
      ...of(CORE, ['pods'], ['create', 'get', 'list', 'delete']),
      ...of(CORE, ['pods/log'], ['get']),
      ...of(CORE, ['events'], ['list']),
      ...of(CORE, ['secrets'], ['create']),
    ],
    without: 'nodes are neither looked at nor pruned',
  },
  {
    id: 'rights-freeze',
    role: 'freeze',
    where: 'own',
    rights: of(CORE, ['configmaps'], ['get', 'patch'], 'imagepull-freeze'),
    without: 'everything counts as frozen, or only kubectl can freeze',
  },
];

/** `get nodes/configz`, `get leases.coordination.k8s.io imagepull-watch`. */
export function rightWords({ verb, group, resource, subresource, name }: Right): string {
  const what = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
  return `${verb} ${what}${name === undefined ? '' : ` ${name}`}`;
}
