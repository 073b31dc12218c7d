/** How a strategic patch treats a list: as one value, as a set, or as elements with a name. */
export type ListStrategy = { readonly by: 'replace' } | { readonly by: 'value' } | { readonly by: 'key'; readonly key: string };

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];

/** Lists of a pod's spec by what their elements are known by: `patchMergeKey` in k8s.io/api/core/v1/types.go. */
const OF_POD: Readonly<Record<string, string>> = {
  ...Object.fromEntries(CONTAINERS.map((list) => [list, 'name'])),
  volumes: 'name',
  imagePullSecrets: 'name',
  schedulingGates: 'name',
  resourceClaims: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
};

const OF_CONTAINER: Readonly<Record<string, string>> = {
  env: 'name',
  ports: 'containerPort',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
};

/** Where kinds have the spec of a pod. */
const POD_SPECS = ['spec', 'spec.template.spec', 'spec.jobTemplate.spec.template.spec'];

/**
 * The strategy of the list at a path, which leaves out places in lists. What is in no row is one value: the taints of a node and the pull secrets
 * of a service account among it.
 */
export function strategyOf(path: readonly string[]): ListStrategy {
  const list = path.at(-1) ?? '';
  const around = path.slice(0, -1);
  const whole = path.join('.');
  if (whole === 'metadata.finalizers' || whole === 'spec.podCIDRs') return { by: 'value' };
  const key =
    whole === 'metadata.ownerReferences'
      ? 'uid'
      : whole === 'secrets'
        ? 'name'
        : POD_SPECS.includes(around.join('.'))
          ? OF_POD[list]
          : CONTAINERS.includes(around.at(-1) ?? '') && POD_SPECS.includes(around.slice(0, -1).join('.'))
            ? OF_CONTAINER[list]
            : undefined;
  return key === undefined ? { by: 'replace' } : { by: 'key', key };
}
