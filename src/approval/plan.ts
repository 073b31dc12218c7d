import { z } from 'zod';
import type { Hash } from '../signing/signing.ts';
import { hasCanonicalJson, JsonValue, labelled } from './canonical-json.ts';
import { NodeWork } from './node-work.ts';
import { ClusterUser, Person, personKey } from './person.ts';
import { PlanId } from './plan-id.ts';
import { namespaceOf, Remedy } from './remedy.ts';

/** A time in UTC to the second or finer, RFC 3339. */
export const Time = z.iso.datetime();
/** A SHA-256 in hexadecimal. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hexadecimal');
/** How much a remedy may cost. */
export const RISKS = ['low', 'medium', 'high'] as const;

const Sentence = z.string().min(1).max(2000);
const Name = z.string().min(1).max(253);

/** An object as it was read. The uid tells it from a later one of the same name, the resource version from a later state of itself. */
const PlannedObject = z.strictObject({
  apiVersion: Name,
  kind: Name,
  namespace: Name.optional(),
  name: Name,
  uid: z.string().min(1).max(128),
  resourceVersion: z.string().min(1).max(128),
  /** The digest of the fields that the plan rests on. Status, counts and texts are not among them: they move by themselves. */
  state: Sha256,
});
export type PlannedObject = Readonly<z.infer<typeof PlannedObject>>;

/** What is sent to the API server; `object` is the place in the plan's objects. */
const Change = z.discriminatedUnion('verb', [
  z.strictObject({
    verb: z.literal('patch'),
    object: z.int().nonnegative(),
    type: z.enum(['json', 'merge', 'strategic-merge']),
    patch: JsonValue,
  }),
  z.strictObject({ verb: z.literal('delete'), object: z.int().nonnegative(), gracePeriodSeconds: z.int().nonnegative().optional() }),
  /** Has the node do a task, by a pod that is made for it and removed after it. */
  z.strictObject({ verb: z.literal('create'), object: z.int().nonnegative(), work: NodeWork }),
]);

export type Change = Readonly<z.infer<typeof Change>>;

/** Somebody who counts as having asked for a plan, and by what. */
export const Requester = z.strictObject({
  person: Person,
  /** `proposed` the plan, `started` the run that it came from, or `chose` one of its parameters, such as a tag. */
  as: z.enum(['proposed', 'started', 'chose']),
  /** Whom the person is mapped to in the cluster, where that is known. */
  clusterUser: ClusterUser.optional(),
});
export type Requester = Readonly<z.infer<typeof Requester>>;

/** Codes of findings. */
export const FindingCodes = z.array(z.string().regex(/^[a-z-]{1,40}\/[a-z0-9-]{1,60}$/, 'is not the code of a finding')).max(200);
/** Where the card of a plan is. */
export const PlanPlace = z.strictObject({
  channel: z.string().regex(/^[CGD][A-Z0-9]{2,20}$/, 'is not the id of a channel'),
  /** True for a channel that is shared with another organisation. */
  shared: z.boolean(),
});

/** What people decide about: one change, frozen. Anything else that should happen is another plan. */
export const Plan = z
  .strictObject({
    id: PlanId,
    cluster: Name,
    remedy: Remedy,
    /** Everything that the plan reads, what it changes among it. */
    objects: z.array(PlannedObject).min(1).max(500),
    changes: z.array(Change).min(1).max(100),
    /** The API server's dry run, as a short diff. */
    dryRun: z.string().max(20_000),
    blast: z.strictObject({
      /** Pods that start anew. */
      restarts: z.int().nonnegative(),
      /** Disruption budgets that hold for them, by name. */
      disruptionBudgets: z.array(Name).max(50),
      /** Ready replicas while it goes on; absent where nothing tells. */
      replicasLeft: z.int().nonnegative().optional(),
    }),
    /** The pods that have to get their images by it: of a workload by its labels, of an owner by its uid; or the task of a node that has to be done. */
    watched: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('workload'), namespace: Name, labels: z.string().min(1).max(2000) }),
      z.strictObject({ kind: z.literal('owner'), namespace: Name, uid: z.string().min(1).max(128) }),
      z.strictObject({ kind: z.literal('task') }),
      z.strictObject({ kind: z.literal('nothing') }),
    ]),
    risk: z.enum(RISKS),
    effect: Sentence,
    /** How to undo it; absent where it cannot be undone. */
    undo: Sentence.optional(),
    notChecked: z.array(Sentence).max(50),
    /** Codes of the findings that it rests on. */
    findings: FindingCodes,
    /** Who proposed it, and everybody else who counts as having asked. A plan that nobody asked for has none. */
    requesters: z.array(Requester).max(20),
    /** Where its card is. */
    place: PlanPlace,
    proposedAt: Time,
  })
  .superRefine((plan, context) => {
    if (!hasCanonicalJson(plan)) context.addIssue({ code: 'custom', message: 'holds text that is no Unicode' });
    for (const [index, { object }] of plan.changes.entries())
      if (object >= plan.objects.length)
        context.addIssue({ code: 'custom', path: ['changes', index, 'object'], message: 'is none of the objects of the plan' });
  });
export type Plan = Readonly<z.infer<typeof Plan>>;

/** A plan with what was in force when it was proposed: the record that people decide about. */
export const Proposal = z.strictObject({ plan: Plan, policyDigest: Sha256, findingsDigest: Sha256 });
export type Proposal = Readonly<z.infer<typeof Proposal>>;

/** The digest of the findings in force, whatever their order. Throws TypeError for one that no JSON can say. */
export function findingsDigest(findings: readonly unknown[], hash: Hash): string {
  return hash(labelled('imagepull/findings/v1', findings.map((finding) => hash(labelled('imagepull/finding/v1', finding))).sort()));
}

/** What an approval is of: the plan in full, with the digests of policy and findings. */
export function planDigest(proposal: Proposal, hash: Hash): string {
  return hash(labelled('imagepull/plan/v1', proposal));
}

/** The digest as people see it, to tell plans apart. Nothing is decided by it: it is short enough to be met on purpose. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 8);
}

/** The namespaces of everything that a plan touches or reads, each once. */
export function namespacesOf({ remedy, objects }: Plan): readonly string[] {
  return [...new Set([namespaceOf(remedy), ...objects.map(({ namespace }) => namespace)].filter((name) => name !== undefined))];
}

/** The namespaces whose logins a plan has a node use. They bar a plan where they are forbidden, and let nobody approve it. */
export function loginNamespaces({ changes }: Plan): readonly string[] {
  return changes.flatMap((change) => (change.verb === 'create' && change.work.kind === 'pull' ? [change.work.loginOf.namespace] : []));
}

/** How a person counts as having asked for a plan; empty for somebody who did not. */
export function rolesOf({ requesters }: Plan, person: Person): readonly Requester['as'][] {
  return [...new Set(requesters.filter((one) => personKey(one.person) === personKey(person)).map((one) => one.as))];
}
