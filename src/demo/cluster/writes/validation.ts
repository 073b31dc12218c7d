import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Answer, invalid, type WrongField } from '../answers.ts';
import type { StoredObject } from '../objects.ts';
import { qualifiedKind, type Resource } from '../resources.ts';
import { podObjection, without } from './pod-validation.ts';

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
