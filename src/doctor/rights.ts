/** A right in a cluster. */
export interface Right {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** The only object that it is for. */
  readonly name?: string;
  /** True where it is needed in the bot's own namespace alone. */
  readonly own?: boolean;
}

/** Rights that one thing rests on, and what is lost without them. */
export interface Need {
  readonly id: string;
  readonly rights: readonly Right[];
  readonly without: string;
  /** True where nothing works without them. */
  readonly vital?: boolean;
}

const CORE = '';
const of = (group: string, resources: readonly string[], verbs: readonly string[]): readonly Right[] =>
  resources.flatMap((one) => {
    const [resource = '', subresource] = one.split('/');
    return verbs.map((verb) => ({ verb, group, resource, ...(subresource === undefined ? {} : { subresource }) }));
  });
const inOwn = (rights: readonly Right[], name?: string): readonly Right[] =>
  rights.map((right) => ({ ...right, own: true, ...(name === undefined ? {} : { name }) }));

/** What a worker needs; docs/security.md has the same as roles, and a test compares. */
export const READER: readonly Need[] = [
  { id: 'rights-diagnosis', rights: of(CORE, ['pods', 'events'], ['get', 'list']), without: 'nothing is diagnosed', vital: true },
  { id: 'rights-watch', rights: of(CORE, ['pods', 'events'], ['watch']), without: 'the watch only sweeps, and sees what fails later' },
  {
    id: 'rights-namespaces',
    rights: of(CORE, ['namespaces'], ['get']),
    without: 'labels that opt in to the watch or out of it are not heeded',
  },
  { id: 'rights-nodes', rights: of(CORE, ['nodes'], ['get']), without: 'platform, conditions and images of nodes are not checked' },
  {
    id: 'rights-secrets',
    rights: of(CORE, ['serviceaccounts', 'secrets'], ['get']),
    without: 'registries are asked anonymously, and nobody learns which login a kubelet would use',
  },
  {
    id: 'rights-workloads',
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
    rights: of(CORE, ['nodes/metrics', 'nodes/stats', 'nodes/configz', 'nodes/log'], ['get']),
    without: "the kubelet's own figures and settings are not read (`kubelet: off` does without)",
  },
  {
    id: 'rights-lease',
    rights: [
      ...inOwn(of('coordination.k8s.io', ['leases'], ['create'])),
      ...inOwn(of('coordination.k8s.io', ['leases'], ['get', 'update']), 'imagepull-watch'),
    ],
    without: 'several workers would all watch: set `watch.lease: off` and run one',
  },
];

/** What an executor needs. */
export const EXECUTOR: readonly Need[] = [
  {
    id: 'rights-remedies',
    rights: [
      ...of(CORE, ['pods'], ['get', 'list', 'delete']),
      ...of(CORE, ['replicationcontrollers'], ['get']),
      ...of(CORE, ['serviceaccounts', 'nodes'], ['get', 'patch']),
      ...of(CORE, ['events'], ['create']),
      ...of('apps', ['deployments', 'statefulsets', 'daemonsets'], ['get', 'patch']),
      ...of('apps', ['replicasets', 'controllerrevisions'], ['get', 'list']),
      ...of('batch', ['jobs'], ['get']),
      ...of('policy', ['poddisruptionbudgets'], ['list']),
      ...of('autoscaling', ['horizontalpodautoscalers'], ['list']),
      ...of('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
    ],
    without: 'the remedies that need them are refused when they are planned',
  },
  {
    id: 'rights-freeze',
    rights: inOwn(of(CORE, ['configmaps'], ['get', 'patch']), 'imagepull-freeze'),
    without: 'everything counts as frozen, or only kubectl can freeze',
  },
];

/** `get nodes/configz`, `get leases.coordination.k8s.io imagepull-watch`. */
export function rightWords({ verb, group, resource, subresource, name }: Right): string {
  const what = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
  return `${verb} ${what}${name === undefined ? '' : ` ${name}`}`;
}
