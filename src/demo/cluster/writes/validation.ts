import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Answer, invalid, type WrongField } from '../answers.ts';
import type { StoredObject } from '../objects.ts';
import { qualifiedKind, type Resource } from '../resources.ts';

/** What of a change is not allowed, whoever asks for it. */
export function updateObjection(resource: Resource, before: StoredObject, after: StoredObject): Answer | undefined {
  const wrong = metadataObjection(before, after) ?? SPECS[resource.kind]?.(before['spec'], after['spec']);
  return wrong && invalid({ called: qualifiedKind(resource), name: before.metadata.name, ...wrong });
}

function metadataObjection({ metadata: before }: StoredObject, { metadata: after }: StoredObject): WrongField | undefined {
  if (after.uid !== before.uid) return { field: 'metadata.uid', because: `Invalid value: "${after.uid}": field is immutable` };
  const added = (after.finalizers ?? []).filter((name) => !(before.finalizers ?? []).includes(name));
  if (before.deletionTimestamp == null || added.length === 0) return undefined;
  const found = `[]string{${added.map((name) => `"${name}"`).join(', ')}}`;
  const because = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${found}`;
  return { field: 'metadata.finalizers', because };
}

/** What of a spec stays as it was made. */
const SPECS: Readonly<Record<string, (before: unknown, after: unknown) => WrongField | undefined>> = {
  Pod: podObjection,
  Deployment: selectorObjection,
  ReplicaSet: selectorObjection,
  DaemonSet: selectorObjection,
  StatefulSet(before, after) {
    const because =
      "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', " +
      "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    return isDeepStrictEqual(without(before, STATEFUL_SET), without(after, STATEFUL_SET)) ? undefined : { field: 'spec', because };
  },
};

const STATEFUL_SET = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

function selectorObjection(before: unknown, after: unknown): WrongField | undefined {
  const was = Spec.parse(before ?? {}).selector;
  const is = Spec.parse(after ?? {}).selector;
  if (isDeepStrictEqual(was, is)) return undefined;
  return { field: 'spec.selector', because: `Invalid value: ${JSON.stringify(is)}: field is immutable` };
}

const Spec = z.looseObject({ selector: z.unknown().optional() });
const Containers = z.array(z.looseObject({ image: z.string().optional() })).nullish();
const PodSpec = z.looseObject({ containers: Containers, initContainers: Containers });

/** Apart from images: tolerations may only be added to, and the times only be shortened, which the stand-in does not look at. */
const POD = ['activeDeadlineSeconds', 'terminationGracePeriodSeconds', 'tolerations'];
const POD_STAYS =
  'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,' +
  '`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function podObjection(before: unknown, after: unknown): WrongField | undefined {
  if (isDeepStrictEqual(before, after)) return undefined;
  const [was, is] = [PodSpec.safeParse(before ?? {}), PodSpec.safeParse(after ?? {})];
  if (!was.success || !is.success) return { field: 'spec', because: POD_STAYS };
  for (const field of ['containers', 'initContainers'] as const) {
    const containers = is.data[field] ?? [];
    if ((was.data[field] ?? []).length !== containers.length)
      return { field: `spec.${field}`, because: 'Forbidden: pod updates may not add or remove containers' };
    const nameless = containers.findIndex(({ image }) => !image);
    if (nameless >= 0) return { field: `spec.${field}[${nameless}].image`, because: 'Required value' };
  }
  return isDeepStrictEqual(withoutImages(was.data), withoutImages(is.data)) ? undefined : { field: 'spec', because: POD_STAYS };
}

function withoutImages({ containers, initContainers, ...spec }: z.infer<typeof PodSpec>): object {
  const imageless = (of: z.infer<typeof Containers>) => (of ?? []).map(({ image: _, ...container }) => container);
  return { ...without(spec, POD), containers: imageless(containers), initContainers: imageless(initContainers) };
}

function without(spec: unknown, fields: readonly string[]): object {
  return Object.fromEntries(Object.entries(spec ?? {}).filter(([field]) => !fields.includes(field)));
}
