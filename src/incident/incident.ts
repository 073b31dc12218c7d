import { z } from 'zod';
import { isAutomatic, Trigger } from '../runbook/run.ts';
import { aboutKey, aboutOf, podKey, recentKey } from './identity.ts';

/** Where an incident is told: a channel of a chat; `thread` when it is told inside somebody else's thread. */
export const Place = z.strictObject({ channel: z.string(), thread: z.string().exactOptional() });
export type Place = Readonly<z.infer<typeof Place>>;

/** Who may know of an incident: everybody the bot serves, or only those in one private channel. */
export const Audience = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('everyone') }),
  z.strictObject({ kind: z.literal('channel'), channel: z.string() }),
]);
export type Audience = Readonly<z.infer<typeof Audience>>;

/**
 * What an incident is about, as keys that only one open incident holds. The provisional one is made from the first error
 * and lets automatic triggers meet before there is a verdict; the established one is made from cause and subject.
 */
const Identity = z.strictObject({ provisional: z.string().exactOptional(), established: z.string().exactOptional() });
export type Identity = Readonly<z.infer<typeof Identity>>;

/** The end of an incident's newest finished run, as lists show it. */
const IncidentOutcome = z.strictObject({
  runId: z.string(),
  /** Id of the cause; null when nothing is wrong with an image any more. */
  cause: z.string().nullable(),
  title: z.string(),
  confidence: z.string(),
  /** RFC 3339. */
  at: z.string(),
});
export type IncidentOutcome = Readonly<z.infer<typeof IncidentOutcome>>;

/** What was seen to have changed when pods could pull again; nothing of it is guessed. */
const Change = z.discriminatedUnion('what', [
  /** A workload asks for another image than the one that failed. */
  z.strictObject({ what: z.literal('image'), workload: z.string(), image: z.string() }),
  /** The pods that failed are gone, and those of the same workload that took their place run. */
  z.strictObject({ what: z.literal('replaced'), workload: z.string() }),
  /** Pods of the same workload run on these nodes, and none on those on which it failed. */
  z.strictObject({ what: z.literal('nodes'), workload: z.string(), nodes: z.array(z.string()) }),
  /** A pull secret was made after the pods began to fail; `at` is RFC 3339. */
  z.strictObject({ what: z.literal('secret'), name: z.string(), at: z.string() }),
]);
export type Change = Readonly<z.infer<typeof Change>>;

/** What saw that an incident is over. */
const ResolvedBy = z.discriminatedUnion('kind', [
  /** A run that found every image pulled. */
  z.strictObject({ kind: z.literal('run'), id: z.string() }),
  /** Its pod has an incident of its own. */
  z.strictObject({ kind: z.literal('incident'), id: z.string() }),
  /** Its pods have their images, or are gone. */
  z.strictObject({ kind: z.literal('recovery'), pods: z.int(), pulled: z.int(), changes: z.array(Change) }),
]);

/** Whether it still has to be dealt with; times are RFC 3339. */
const Life = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('open') }),
  z.strictObject({ status: z.literal('resolved'), at: z.string(), by: ResolvedBy }),
  /** Open once more, after it was resolved at the time that `resolvedAt` tells, where that is known. */
  z.strictObject({ status: z.literal('reopened'), at: z.string(), resolvedAt: z.string().exactOptional() }),
]);
export type Life = Readonly<z.infer<typeof Life>>;

/** Pods of an incident that share a node or a namespace, and the other incident. */
const Difference = { by: z.enum(['node', 'namespace']), value: z.string(), incident: z.string() };

const Fields = z.strictObject({
  id: z.string(),
  /** Grows with every stored change. */
  revision: z.int().nonnegative(),
  /** Where it is told, the first place first; none where nobody has to be told. */
  places: z.array(Place),
  audience: Audience,
  cluster: z.string(),
  namespace: z.string(),
  /** The pod that was asked for. */
  pod: z.string(),
  /** `Deployment/web`, or `Pod/web-0` where nothing owns it. */
  workload: z.string(),
  /** RFC 3339. */
  openedAt: z.string(),
  /** When its pods began to fail, as far as the cluster said; RFC 3339. */
  since: z.string().exactOptional(),
  /** Why it was opened; absent where version 1 wrote it: then somebody asked. */
  trigger: Trigger.exactOptional(),
  /** Of an incident that counts what a namespace's own incidents leave out: what one of its pods asks for. It has no runs. */
  overflow: z.strictObject({ image: z.string() }).exactOptional(),
  /** Of an incident about pods of another one that may have another cause: what sets them apart, and where they are told if they have. */
  apart: z.strictObject({ ...Difference, places: z.array(Place) }).exactOptional(),
  /** Incidents to which pods of this one went because they have another cause. */
  splits: z.array(z.strictObject(Difference)).exactOptional(),
  identity: Identity,
  /** Further keys, the oldest first: exact ones of what its runs concluded, and those of incidents that are a part of it. */
  aliases: z.array(z.string()),
  life: Life,
  /** What the newest finished run says; absent while the first one runs. */
  outcome: IncidentOutcome.exactOptional(),
  /** The incident that this one turned out to be a part of: the same cause of the same thing. */
  joined: z.string().exactOptional(),
  /** Nobody asked for it, and it began in quiet hours that end then: it is not told before. RFC 3339. */
  heldUntil: z.string().exactOptional(),
  /** Ids of people and groups whom its card mentions, so that they hear of it. */
  mention: z.array(z.string()).exactOptional(),
  /** Who takes care of it, by the chat's id, and since when; RFC 3339. */
  care: z.strictObject({ by: z.string(), since: z.string() }).exactOptional(),
  /** What somebody last said the verdict should have been: the id of a cause, or one of OTHER_CAUSES; RFC 3339. */
  disputed: z.strictObject({ by: z.string(), said: z.string(), at: z.string() }).exactOptional(),
  /** Why it can no longer be told: the channel is archived, the bot was removed. */
  silenced: z.string().exactOptional(),
});

/**
 * One root problem that people see as one thread. It has any number of runs, of which its card shows the newest, and any
 * number of members; both are kept beside it.
 */
export type Incident = Readonly<Omit<z.infer<typeof Fields>, 'places'>> & { readonly places: readonly Place[] };

/** An incident as a store keeps it. */
export const IncidentSchema: z.ZodType<Incident> = Fields;

/** Open until a run finds every image pulled. */
export function isOpen({ life }: Incident): boolean {
  return life.status !== 'resolved';
}

/** Opened by an alert or the watch: nobody asked. */
export function isByItself({ trigger }: Pick<Incident, 'trigger'>): boolean {
  return trigger !== undefined && isAutomatic(trigger);
}

/** Open and not a part of another one: what lists of open incidents show. */
export function isListed(incident: Incident): boolean {
  return isOpen(incident) && incident.joined === undefined;
}

/**
 * The keys that an incident holds. While it is open and can be told: its pod's, and what it is about unless another one has that. One
 * that nobody asked for and that cannot be told keeps the latter, or the next of its pods would open another. Once it is resolved it is
 * found by keys of their own.
 */
export function keysOf(incident: Incident): readonly string[] {
  const { audience, joined, silenced } = incident;
  if (!isOpen(incident)) return recentKeys(incident);
  const about = joined === undefined ? aboutOf(incident).map((key) => aboutKey(audience, key)) : [];
  if (silenced === undefined) return [podKey(audience, incident), ...about];
  return isByItself(incident) ? about : [];
}

/** The keys by which an incident is found after it was resolved. */
export function recentKeys(incident: Incident): readonly string[] {
  if (incident.joined !== undefined || incident.silenced !== undefined) return [];
  return aboutOf(incident).map((key) => recentKey(incident.audience, key));
}
