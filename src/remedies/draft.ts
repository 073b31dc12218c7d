import { canonicalJson } from '../approval/canonical-json.ts';
import type { Listing } from '../approval/node-work.ts';
import type { Change, Plan, PlannedObject } from '../approval/plan.ts';
import { type KubeObject, OBJECT_KINDS, type ObjectKind, type ObjectWriter } from '../cluster/writing/object-writer.ts';
import type { NodeTaskSettings } from '../node-task/settings.ts';
import type { Hash } from '../signing/signing.ts';

/** What a remedy comes to with the cluster as it is: everything of a plan that does not depend on who asked. */
export interface Draft extends Pick<Plan, 'remedy' | 'risk' | 'blast' | 'effect' | 'notChecked' | 'watched'> {
  readonly undo?: string | undefined;
  /** The objects that it rests on; those that it changes among them. */
  readonly objects: readonly DraftedObject[];
  readonly changes: readonly Change[];
}

/** An object as it was read, and what a plan keeps of it. */
export interface DraftedObject {
  readonly planned: PlannedObject;
  readonly object: KubeObject;
}

/** Why there is no draft, as a sentence for people. */
export interface RefusedDraft {
  readonly status: 'refused';
  readonly because: string;
}
export type Drafted = { readonly status: 'drafted'; readonly draft: Draft } | RefusedDraft;

/** Whether a registry hands out an image to a pod, asked as its kubelet would ask. */
export type PullProof =
  | { readonly status: 'pullable'; readonly digest: string | undefined; readonly notChecked: readonly string[] }
  /** The registry says no, or does not answer, in one sentence. */
  | { readonly status: 'refused' | 'unknown'; readonly says: string };

/** What is asked of a registry: an image for pods of a namespace with these pull secrets, on a node of this platform. */
export interface PullQuestion {
  readonly image: string;
  readonly namespace: string;
  readonly pullSecrets: readonly string[];
  /** Whose platform counts; absent where no pod runs yet. */
  readonly node: string | undefined;
}

/** What a remedy is drafted with. It reads only. */
export interface DraftContext {
  readonly objects: Pick<ObjectWriter, 'read' | 'list'>;
  readonly provePull: (question: PullQuestion) => Promise<PullProof>;
  /** Plans of this cluster that were seen to help, the newest first; absent where nothing is kept of them. */
  readonly workedBefore?: () => Promise<readonly Plan[]>;
  /** How nodes may be looked at; absent where nothing runs on them. */
  readonly nodeTasks?: Pick<NodeTaskSettings, 'mode' | 'allowed' | 'keep' | 'minimumAgeMs'> | undefined;
  /** What a plan found that listed a node's images, as an executor signed it. */
  readonly listing?: (planId: string) => Promise<Listing | undefined>;
  /** Whether a registry answers at all, asked from here. */
  readonly answers?: (host: string) => Promise<boolean>;
  readonly hash: Hash;
  /** The pod that the diagnosis was about. */
  readonly target: { readonly namespace: string; readonly pod: string };
  /** When it was asked for, RFC 3339: drafts of one wish are equal. */
  readonly askedAt: string;
}

/** Ends a draft with a reason. */
export function refused(because: string): RefusedDraft {
  return { status: 'refused', because };
}

/** What a plan keeps of an object that was read. */
export function drafted(kind: ObjectKind, object: KubeObject, hash: Hash): DraftedObject {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const state = hash(canonicalJson(fieldsThatCount(kind, object)));
  const { apiVersion } = OBJECT_KINDS[kind];
  return { object, planned: { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid, resourceVersion, state } };
}

/** The fields that remedies read. Status and bookkeeping of the API server are left out. */
function fieldsThatCount(kind: ObjectKind, object: KubeObject): unknown {
  const { labels, ownerReferences, deletionTimestamp } = object.metadata;
  const common = { labels, ownerReferences, deletionTimestamp };
  switch (kind) {
    case 'ControllerRevision':
      return { ...common, revision: object['revision'], data: object['data'] };
    case 'ServiceAccount':
      return { ...common, imagePullSecrets: object['imagePullSecrets'] };
    case 'Node':
      return { unschedulable: unschedulable(object) };
    default:
      return { ...common, spec: object['spec'] };
  }
}

/** True for a node that takes no new pods. */
export function unschedulable(node: KubeObject): boolean {
  const spec = node['spec'];
  return typeof spec === 'object' && spec !== null && 'unschedulable' in spec && spec.unschedulable === true;
}
