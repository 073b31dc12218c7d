import { z } from 'zod';
import { identityKeys, podKey } from './identity.ts';

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

/** Whether it still has to be dealt with; times are RFC 3339. */
const Life = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('open') }),
  /** `by` names what saw that it is over: the id of a run. */
  z.strictObject({ status: z.literal('resolved'), at: z.string(), by: z.string() }),
  /** Open once more, after it was resolved. */
  z.strictObject({ status: z.literal('reopened'), at: z.string() }),
]);
export type Life = Readonly<z.infer<typeof Life>>;

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
  identity: Identity,
  life: Life,
  /** What the newest finished run says; absent while the first one runs. */
  outcome: IncidentOutcome.exactOptional(),
  /** The incident that this one turned out to be a part of: the same cause of the same thing. */
  joined: z.string().exactOptional(),
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

/** Open and not a part of another one: what lists of open incidents show. */
export function isListed(incident: Incident): boolean {
  return isOpen(incident) && incident.joined === undefined;
}

/**
 * The keys that an incident holds while it is open and can be told: its pod's, and what it is about unless another one has
 * that.
 */
export function keysOf(incident: Incident): readonly string[] {
  if (!isOpen(incident) || incident.silenced !== undefined) return [];
  const about = incident.joined === undefined ? identityKeys(incident.audience, incident.identity) : [];
  return [podKey(incident.audience, incident), ...about];
}
