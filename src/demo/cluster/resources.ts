/** A kind of object that the stand-in serves. */
export interface Resource {
  /** Its plural, as in paths. */
  readonly name: string;
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly namespaced: boolean;
  /** Whether its status is written by whoever runs it, and left alone by a PUT. */
  readonly status: boolean;
  /** Whether a PUT has to say which version it replaces, and makes what is not there. */
  readonly upsert: boolean;
  /** Whether lists and watches go to etcd, past the cache of the API server. */
  readonly uncached: boolean;
  /** Whether its generation counts how often its spec was changed. */
  readonly generation: boolean;
  /** Where the values of its field selectors are; metadata.name and metadata.namespace go without saying. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

const PLAIN = {
  group: '',
  version: 'v1',
  namespaced: true,
  status: false,
  generation: false,
  upsert: false,
  uncached: false,
  fields: {},
} as const;
/** What controllers and kubelets bring about. */
const RUN = { status: true, generation: true } as const;
const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
const path = (field: string): readonly [string, readonly string[]] => [field, field.split('.')];

/** What is served. Field selectors are those of pkg/apis/core/v1/conversion.go, as far as anybody asks. */
const RESOURCES: readonly Resource[] = [
  {
    ...PLAIN,
    name: 'pods',
    kind: 'Pod',
    ...RUN,
    fields: Object.fromEntries(
      ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'status.phase', 'status.podIP'].map(path),
    ),
  },
  {
    ...PLAIN,
    name: 'events',
    kind: 'Event',
    upsert: true,
    uncached: true,
    fields: {
      ...Object.fromEntries(INVOLVED.map((field) => path(`involvedObject.${field}`))),
      ...Object.fromEntries(['reason', 'reportingComponent', 'type'].map(path)),
      source: ['source', 'component'],
    },
  },
  { ...PLAIN, name: 'nodes', kind: 'Node', namespaced: false, status: true, fields: Object.fromEntries(['spec.unschedulable'].map(path)) },
  {
    ...PLAIN,
    name: 'namespaces',
    kind: 'Namespace',
    namespaced: false,
    status: true,
    fields: Object.fromEntries(['status.phase'].map(path)),
  },
  { ...PLAIN, name: 'secrets', kind: 'Secret', fields: { type: ['type'] } },
  { ...PLAIN, name: 'configmaps', kind: 'ConfigMap' },
  { ...PLAIN, name: 'serviceaccounts', kind: 'ServiceAccount' },
  { ...PLAIN, name: 'replicationcontrollers', kind: 'ReplicationController', ...RUN },
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].map((kind) => ({ ...PLAIN, ...named(kind), group: 'apps', ...RUN })),
  ...['Job', 'CronJob'].map((kind) => ({ ...PLAIN, ...named(kind), group: 'batch', ...RUN })),
  { ...PLAIN, ...named('ControllerRevision'), group: 'apps' },
  { ...PLAIN, ...named('PodDisruptionBudget'), group: 'policy', ...RUN },
  { ...PLAIN, ...named('HorizontalPodAutoscaler'), group: 'autoscaling', version: 'v2', status: true },
  { ...PLAIN, name: 'leases', kind: 'Lease', group: 'coordination.k8s.io', upsert: true },
];

function named(kind: string): Pick<Resource, 'kind' | 'name'> {
  return { kind, name: `${kind.toLowerCase()}s` };
}

/** `v1`, `apps/v1`. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `pods`, `deployments.apps`: a resource as messages of the API server call it. */
export function qualified({ name, group }: Pick<Resource, 'group' | 'name'>): string {
  return group === '' ? name : `${name}.${group}`;
}

/** `Pod`, `Deployment.apps`: a kind as refusals call it. */
export function qualifiedKind({ kind, group }: Resource): string {
  return group === '' ? kind : `${kind}.${group}`;
}

/** The resource of that kind. Throws where there is none. */
export function resourceOfKind(kind: string): Resource {
  const found = RESOURCES.find((resource) => resource.kind === kind);
  if (!found) throw new Error(`the stand-in serves no ${kind}`);
  return found;
}

/** What a path names: one object, or all of a kind. */
export interface Place {
  readonly resource: Resource;
  /** Absent for all namespaces, and for what is in none. */
  readonly namespace?: string;
  readonly name?: string;
  /** Of pods alone, and only to be read. */
  readonly subresource?: 'log';
}

/** A place that names one object. */
export type OneObject = Place & { readonly name: string };

/** Reads a path. `no-path` is none of the API's, `no-resource` one of a group that is served. */
export function parsePath(path: string): Place | 'no-path' | 'no-resource' {
  const [, core, group = '', version = '', rest = ''] = /^\/(?:(api)|apis\/([^/]+))\/(v\d)\/(.+)$/.exec(path) ?? [];
  if (!RESOURCES.some((one) => one.group === group && one.version === version && (group !== '' || core !== undefined))) return 'no-path';
  // Names of objects need no escapes.
  const parts = rest.split('/');
  const of = (name: string | undefined) => RESOURCES.find((one) => one.name === name && one.group === group && one.version === version);
  const [first, namespace = '', inside, name, ...more] = parts;
  if (first === 'namespaces' && inside !== undefined) {
    const resource = of(inside);
    const isLog = resource?.name === 'pods' && name !== undefined && more.join('/') === 'log';
    if (!resource?.namespaced || (more.length > 0 && !isLog)) return 'no-resource';
    return { resource, namespace, ...(name === undefined ? {} : { name }), ...(isLog ? { subresource: 'log' } : {}) };
  }
  const resource = of(first);
  if (!resource || parts.length > 2) return 'no-resource';
  if (parts.length === 1) return { resource };
  return resource.namespaced ? 'no-resource' : { resource, name: namespace };
}
