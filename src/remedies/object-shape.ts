import { z } from 'zod';
import type { KubeObject } from '../cluster/writing/object-writer.ts';
import { PULL_REASONS } from '../diagnosis/pod/pod.ts';
import { CodedError } from '../errors.ts';

const Named = z.looseObject({ name: z.string() });
const Container = z.looseObject({ name: z.string(), image: z.string().optional() });
const PodSpec = z.looseObject({
  nodeName: z.string().optional(),
  serviceAccountName: z.string().optional(),
  imagePullSecrets: z.array(z.looseObject({ name: z.string().optional() })).optional(),
  initContainers: z.array(Container).optional(),
  containers: z.array(Container),
  volumes: z.array(z.looseObject({ image: z.looseObject({ reference: z.string().optional() }).optional() })).optional(),
});
const Template = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()).optional() }).optional(),
  spec: PodSpec,
});
const Selector = z.looseObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z.array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).optional() })).optional(),
});
const WorkloadObject = z.looseObject({
  spec: z.looseObject({
    replicas: z.int().optional(),
    paused: z.boolean().optional(),
    selector: Selector.optional(),
    template: Template,
    updateStrategy: z.looseObject({ type: z.string().optional() }).optional(),
    strategy: z
      .looseObject({ type: z.string().optional(), rollingUpdate: z.looseObject({ maxUnavailable: z.unknown() }).nullish() })
      .optional(),
  }),
  status: z.looseObject({ readyReplicas: z.int().optional(), numberReady: z.int().optional() }).optional(),
});
const ContainerStatus = z.looseObject({
  name: z.string(),
  imageID: z.string().optional(),
  state: z
    .looseObject({
      waiting: z.looseObject({ reason: z.string().optional() }).nullish(),
      running: z.looseObject({}).nullish(),
      terminated: z.looseObject({}).nullish(),
    })
    .optional(),
});
const PodObject = z.looseObject({
  spec: PodSpec,
  status: z
    .looseObject({
      phase: z.string().optional(),
      containerStatuses: z.array(ContainerStatus).optional(),
      initContainerStatuses: z.array(ContainerStatus).optional(),
    })
    .optional(),
});
const Budget = z.looseObject({ metadata: Named, spec: z.looseObject({ selector: Selector.nullish() }) });
const Autoscaler = z.looseObject({ spec: z.looseObject({ scaleTargetRef: z.looseObject({ kind: z.string(), name: z.string() }) }) });

export type PodTemplate = z.infer<typeof Template>;
export type LabelSelector = z.infer<typeof Selector>;
export type WorkloadSpec = z.infer<typeof WorkloadObject>['spec'];
export type PodFields = z.infer<typeof PodObject>;

/** The parts of a Deployment, StatefulSet, DaemonSet or ReplicaSet that remedies go by. Throws `cluster/bad-answer`. */
export const workloadFields = reader(WorkloadObject);
/** The parts of a pod that remedies go by. Throws `cluster/bad-answer`. */
export const podFields = reader(PodObject);
/** Of a disruption budget whom it is for. Throws `cluster/bad-answer`. */
export const budgetFields = reader(Budget);
/** Of an autoscaler what it scales. Throws `cluster/bad-answer`. */
export const autoscalerFields = reader(Autoscaler);

function reader<T>(schema: z.ZodType<T>): (object: KubeObject) => T {
  return (object) => {
    const read = schema.safeParse(object);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const what = `${issue?.path.join('.')}: ${issue?.message}`;
    throw new CodedError('cluster/bad-answer', `The API server's answer about ${object.metadata.name} is not what it should be (${what}).`);
  };
}

/** A label selector as a query has it; undefined where it cannot be said there, or is empty and would mean everything. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string | undefined {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'In') return `${key} in (${values.join(',')})`;
    if (operator === 'NotIn') return `${key} notin (${values.join(',')})`;
    if (operator === 'Exists') return key;
    return operator === 'DoesNotExist' ? `!${key}` : undefined;
  });
  const all = [...labels, ...expressions];
  return all.length === 0 || all.includes(undefined) ? undefined : all.join(',');
}

/** Whether labels fit a selector; an empty one fits everything, as for a disruption budget. */
export function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const value = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  return (
    Object.entries(matchLabels).every(([key, wanted]) => value(key) === wanted) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const found = value(key);
      if (operator === 'In') return found !== undefined && values.includes(found);
      if (operator === 'NotIn') return found === undefined || !values.includes(found);
      return operator === 'Exists' ? found !== undefined : operator === 'DoesNotExist' && found === undefined;
    })
  );
}

/** Names of the pull secrets that a pod's spec lists. */
export function pullSecretsIn({ imagePullSecrets = [] }: PodTemplate['spec']): readonly string[] {
  return imagePullSecrets.flatMap(({ name }) => name || []);
}

/** How far a pod is with its images. */
export function pullState({ spec, status }: PodFields): 'pulled' | 'failing' | 'waiting' {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  if (statuses.some(({ state }) => PULL_REASONS.has(state?.waiting?.reason ?? ''))) return 'failing';
  const wanted = (spec.initContainers?.length ?? 0) + spec.containers.length;
  const present = statuses.filter(({ imageID, state }) => (imageID ?? '') !== '' || state?.running || state?.terminated);
  return present.length >= wanted ? 'pulled' : 'waiting';
}

/** The containers of a pod that fail for their image, with it. */
export function failingImages({ spec, status }: PodFields): readonly { readonly container: string; readonly image: string }[] {
  const failing = new Set(
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
      .filter(({ state }) => PULL_REASONS.has(state?.waiting?.reason ?? ''))
      .map(({ name }) => name),
  );
  return [...(spec.initContainers ?? []), ...spec.containers].flatMap(({ name, image }) =>
    failing.has(name) && image !== undefined ? [{ container: name, image }] : [],
  );
}

const NodeObject = z.looseObject({
  status: z.looseObject({ conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).optional() }).optional(),
});

/** Whether the kubelet of a node reports that its disk is full. Throws `cluster/bad-answer`. */
export function hasDiskPressure(node: KubeObject): boolean {
  const { conditions = [] } = nodeFields(node).status ?? {};
  return conditions.some(({ type, status }) => type === 'DiskPressure' && status === 'True');
}
const nodeFields = reader(NodeObject);
