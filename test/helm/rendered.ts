import { parseAllDocuments } from 'yaml';

/** An object as the chart renders it, with the fields that tests look at. */
export interface RenderedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly name: string }[];
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> }; readonly spec: PodSpec };
    readonly [field: string]: unknown;
  };
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface PodSpec {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly hostNetwork?: boolean;
  readonly securityContext?: { readonly runAsNonRoot?: boolean; readonly seccompProfile?: { readonly type: string } };
  readonly containers: readonly Container[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly Readonly<Record<string, unknown>>[];
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  };
}

export function readObjects(text: string): readonly RenderedObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as RenderedObject | null)
    .filter((object) => object !== null);
}

/** The object of a kind with this name. Throws where there is none. */
export function find(objects: readonly RenderedObject[], kind: string, name: string): RenderedObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found)
    throw new Error(`There is no ${kind} ${name} among ${objects.map((object) => `${object.kind} ${object.metadata.name}`).join(', ')}.`);
  return found;
}

/** Each right on a line of its own, sorted: `get pods`, `get leases.coordination.k8s.io imagepull-watch`. */
export function rights(rules: readonly Rule[]): readonly string[] {
  const lines = rules.flatMap(({ apiGroups, resources, resourceNames, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          (resourceNames ?? ['']).map((name) => `${verb} ${resource}${group === '' ? '' : `.${group}`} ${name}`.trimEnd()),
        ),
      ),
    ),
  );
  return [...new Set(lines)].sort();
}

/** The rules of what is bound to a service account; those of Roles with their namespace. */
export function rulesOf(objects: readonly RenderedObject[], account: string): readonly (Rule & { readonly namespace?: string })[] {
  const bound = objects.filter(({ kind, subjects = [] }) => kind.endsWith('Binding') && subjects.some(({ name }) => name === account));
  return bound.flatMap(({ roleRef, metadata: { namespace } }) => {
    const role = objects.find(
      ({ kind, metadata }) => kind === roleRef?.kind && metadata.name === roleRef.name && metadata.namespace === namespace,
    );
    return (role?.rules ?? []).map((rule) => ({ ...rule, ...(namespace === undefined ? {} : { namespace }) }));
  });
}

/** The same, each right on a line of its own: `wide` by ClusterRoles, `narrow` by Roles, with their namespace in front of each right. */
export function rightsOf(
  objects: readonly RenderedObject[],
  account: string,
): { readonly wide: readonly string[]; readonly narrow: readonly string[] } {
  const rules = rulesOf(objects, account);
  return {
    wide: rights(rules.filter(({ namespace }) => namespace === undefined)),
    narrow: [...Map.groupBy(rules, ({ namespace }) => namespace)]
      .flatMap(([namespace, some]) => (namespace === undefined ? [] : rights(some).map((right) => `${namespace}: ${right}`)))
      .sort(),
  };
}

/** What Pod Security at the level restricted, or we ourselves, would not let pass. https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export function looseEnds({ kind, metadata, spec }: RenderedObject): readonly string[] {
  const pod = spec?.template?.spec;
  if (pod === undefined) return [];
  const where = `${kind} ${metadata.name}`;
  const ends = pod.containers.flatMap(
    ({ name, securityContext: { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = {} }) => [
      ...(allowPrivilegeEscalation === false ? [] : [`${where}: container ${name} may gain privileges`]),
      ...(readOnlyRootFilesystem === true ? [] : [`${where}: container ${name} may write to its root`]),
      ...(capabilities?.drop?.includes('ALL') && capabilities.add === undefined ? [] : [`${where}: container ${name} has capabilities`]),
    ],
  );
  const allowed = new Set(['configMap', 'secret', 'emptyDir', 'persistentVolumeClaim', 'projected', 'downwardAPI']);
  return [
    ...ends,
    ...(pod.securityContext?.runAsNonRoot === true ? [] : [`${where} may run as root`]),
    ...(pod.securityContext?.seccompProfile?.type === 'RuntimeDefault' ? [] : [`${where} has no seccomp profile`]),
    ...(pod.hostNetwork ? [`${where} is in the node's network`] : []),
    ...(pod.volumes ?? [])
      .flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name' && !allowed.has(key)))
      .map((type) => `${where} has a volume of type ${type}`),
  ];
}
