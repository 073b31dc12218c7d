/** A kind of object that the stand-in keeps, and what can be selected of it by fields. */
export interface Resource {
  /** As paths have it: `pods`. */
  readonly name: string;
  readonly kind: string;
  /** Before the name in a path: `/api/v1`, `/apis/apps/v1`. */
  readonly root: string;
  readonly namespaced: boolean;
  /** Fields that a selector may name besides the name and the namespace, as the API server has them. */
  readonly fields: readonly string[];
  /** False where lists come from no watch cache: then a `resourceVersion` of 0 changes nothing. */
  readonly cached: boolean;
  /** True where a change of what is not there creates it. */
  readonly createsOnChange: boolean;
}

const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
  (field) => `involvedObject.${field}`,
);

/** Everything that this program reads of a cluster. */
export const RESOURCES: readonly Resource[] = [
  resource('pods', 'Pod', '/api/v1', [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
  ]),
  {
    ...resource('events', 'Event', '/api/v1', [...INVOLVED, 'reason', 'reportingComponent', 'source', 'type']),
    cached: false,
    createsOnChange: true,
  },
  resource('secrets', 'Secret', '/api/v1', ['type']),
  resource('serviceaccounts', 'ServiceAccount', '/api/v1'),
  resource('replicationcontrollers', 'ReplicationController', '/api/v1', ['status.replicas']),
  { ...resource('nodes', 'Node', '/api/v1', ['spec.unschedulable']), namespaced: false },
  { ...resource('namespaces', 'Namespace', '/api/v1', ['status.phase']), namespaced: false },
  resource('deployments', 'Deployment', '/apis/apps/v1'),
  resource('replicasets', 'ReplicaSet', '/apis/apps/v1', ['status.replicas']),
  resource('statefulsets', 'StatefulSet', '/apis/apps/v1'),
  resource('daemonsets', 'DaemonSet', '/apis/apps/v1'),
  resource('jobs', 'Job', '/apis/batch/v1', ['status.successful']),
  resource('cronjobs', 'CronJob', '/apis/batch/v1'),
  { ...resource('leases', 'Lease', '/apis/coordination.k8s.io/v1'), createsOnChange: true },
];

function resource(name: string, kind: string, root: string, fields: readonly string[] = []): Resource {
  return { name, kind, root, namespaced: true, fields, cached: true, createsOnChange: false };
}

/** What a path asks for: all objects of a resource, those of a namespace, or one of them. */
export interface Target {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

const PATH = /^(\/api\/v1|\/apis\/[a-z0-9.]+\/v1)(?:\/namespaces\/([^/]+)(?=\/))?\/([a-z]+)(?:\/([^/]+))?$/;

/** Reads a path; undefined for one that the API server does not have. */
export function targetOf(path: string): Target | undefined {
  const [, root, namespace, plural, name] = PATH.exec(path) ?? [];
  const found = RESOURCES.find((candidate) => candidate.root === root && candidate.name === plural);
  if (!found || (namespace !== undefined && !found.namespaced)) return undefined;
  // One object of a namespaced resource has a namespace.
  if (name !== undefined && found.namespaced && namespace === undefined) return undefined;
  const decoded = (text: string | undefined) => (text === undefined ? undefined : decodeURIComponent(text));
  return { resource: found, namespace: decoded(namespace), name: decoded(name) };
}
