import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { WrongField } from '../answers.ts';

const Containers = z.array(z.looseObject({ image: z.string().optional() })).nullish();
const Tolerations = z.array(z.looseObject({})).nullish();
const PodSpec = z.looseObject({
  containers: Containers,
  initContainers: Containers,
  activeDeadlineSeconds: z.number().nullish(),
  tolerations: Tolerations,
});
type PodSpec = z.infer<typeof PodSpec>;

const REST =
  'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,' +
  '`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** What of a pod's spec may not be changed like that: ValidatePodUpdate of pkg/apis/core/validation/validation.go. */
export function podObjection(before: unknown, after: unknown): WrongField | undefined {
  if (isDeepStrictEqual(before, after)) return undefined;
  const [was, is] = [PodSpec.safeParse(before ?? {}), PodSpec.safeParse(after ?? {})];
  if (!was.success || !is.success) return { field: 'spec', because: REST };
  return containersObjection(was.data, is.data) ?? deadlineObjection(was.data, is.data) ?? restObjection(was.data, is.data);
}

function containersObjection(was: PodSpec, is: PodSpec): WrongField | undefined {
  for (const field of ['containers', 'initContainers'] as const) {
    const containers = is[field] ?? [];
    if ((was[field] ?? []).length !== containers.length)
      return { field: `spec.${field}`, because: 'Forbidden: pod updates may not add or remove containers' };
    const imageless = containers.findIndex(({ image }) => !image);
    if (imageless >= 0) return { field: `spec.${field}[${imageless}].image`, because: 'Required value' };
  }
  return undefined;
}

function deadlineObjection({ activeDeadlineSeconds: was }: PodSpec, { activeDeadlineSeconds: is }: PodSpec): WrongField | undefined {
  if (was == null || (is != null && is <= was)) return undefined;
  const because = is == null ? 'must not update from a positive integer to nil value' : 'must be less than or equal to previous value';
  return { field: 'spec.activeDeadlineSeconds', because: `Invalid value: ${is ?? 'null'}: ${because}` };
}

function restObjection(was: PodSpec, is: PodSpec): WrongField | undefined {
  const kinds = (is.tolerations ?? []).map((toleration) => without(toleration, ['tolerationSeconds']));
  const kept = (was.tolerations ?? []).every((old) => kinds.some((kind) => isDeepStrictEqual(kind, without(old, ['tolerationSeconds']))));
  if (!kept)
    return { field: 'spec.tolerations', because: 'Forbidden: existing toleration can not be modified except its tolerationSeconds' };
  return isDeepStrictEqual(rest(was), rest(is)) ? undefined : { field: 'spec', because: REST };
}

function rest({ containers, initContainers, ...spec }: PodSpec): object {
  const imageless = (of: z.infer<typeof Containers>) => (of ?? []).map((container) => without(container, ['image']));
  return { ...without(spec, ['activeDeadlineSeconds', 'tolerations']), all: [imageless(containers), imageless(initContainers)] };
}

/** An object without some of its fields. */
export function without(object: unknown, fields: readonly string[]): object {
  return Object.fromEntries(Object.entries(object ?? {}).filter(([field]) => !fields.includes(field)));
}
