import { z } from 'zod';
import type { StoredObject } from '../cluster/objects.ts';

const Names = z.array(z.looseObject({ name: z.string() }));
const Owner = z.looseObject({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean().nullish() });
const Owners = z.array(Owner);
const Texts = z.record(z.string(), z.string());

/** What a Deployment and a ReplicaSet make pods from. */
export const PodTemplate = z.looseObject({
  metadata: z.looseObject({ labels: Texts.nullish(), annotations: Texts.nullish() }).nullish(),
  spec: z.looseObject({
    containers: Names,
    serviceAccountName: z.string().nullish(),
    imagePullSecrets: Names.nullish(),
    nodeName: z.string().nullish(),
  }),
});
export type PodTemplate = z.infer<typeof PodTemplate>;

const Metadata = z.looseObject({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  annotations: Texts.nullish(),
  labels: Texts.nullish(),
  generation: z.number().nullish(),
  deletionTimestamp: z.string().nullish(),
  ownerReferences: Owners.nullish(),
});

const MadeByTemplate = {
  replicas: z.number().int().min(0).nullish(),
  selector: z.looseObject({ matchLabels: Texts.nullish() }),
  template: PodTemplate,
};

/** As much of a Deployment as its controller looks at. */
export const Deployment = z.looseObject({
  metadata: Metadata,
  spec: z.looseObject({
    ...MadeByTemplate,
    revisionHistoryLimit: z.number().int().min(0).nullish(),
    strategy: z
      .looseObject({
        type: z.string().nullish(),
        rollingUpdate: z
          .looseObject({
            maxSurge: z.union([z.number(), z.string()]).nullish(),
            maxUnavailable: z.union([z.number(), z.string()]).nullish(),
          })
          .nullish(),
      })
      .nullish(),
  }),
});
export type Deployment = z.infer<typeof Deployment>;

/** As much of a ReplicaSet as controllers look at. */
export const ReplicaSet = z.looseObject({
  metadata: Metadata,
  spec: z.looseObject(MadeByTemplate),
  status: z.looseObject({ availableReplicas: z.number().nullish() }).nullish(),
});
export type ReplicaSet = z.infer<typeof ReplicaSet>;

/** As much of a pod as controllers look at. */
export const Pod = z.looseObject({
  metadata: Metadata,
  spec: z.looseObject({ nodeName: z.string().nullish() }),
  status: z
    .looseObject({ phase: z.string().nullish(), conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish() })
    .nullish(),
});
export type Pod = z.infer<typeof Pod>;

/** Whether all of its containers run. */
export function isReady({ status }: Pod): boolean {
  return (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');
}

/** The uid of an object's controller; undefined where it has none. */
export function controllerOf({ metadata }: StoredObject): string | undefined {
  const owners = Owners.safeParse(metadata['ownerReferences']);
  return owners.data?.find(({ controller }) => controller === true)?.uid;
}

/** The reference by which an object is its controller's. */
export function controllerReference(kind: string, { name, uid }: { readonly name: string; readonly uid: string }): object {
  return { apiVersion: 'apps/v1', kind, name, uid, controller: true, blockOwnerDeletion: true };
}
