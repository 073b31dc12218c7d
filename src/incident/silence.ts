import { z } from 'zod';
import { aboutOf } from './identity.ts';
import type { Incident } from './incident.ts';

const Fields = z.strictObject({
  id: z.string(),
  revision: z.int().nonnegative(),
  cluster: z.string(),
  /** Who may ask about it may see and end the silence. */
  namespace: z.string(),
  about: z.discriminatedUnion('kind', [
    /** Name of a workload of that namespace, without its kind. */
    z.strictObject({ kind: z.literal('workload'), workload: z.string() }),
    /** Incidents that are found by one of these keys; in all namespaces or in that one alone. */
    z.strictObject({ kind: z.literal('cause'), keys: z.array(z.string()), title: z.string(), everywhere: z.boolean() }),
  ]),
  /** The chat's id of a person. */
  by: z.string(),
  reason: z.string().exactOptional(),
  /** RFC 3339. */
  from: z.string(),
  until: z.string(),
  /** Ended by a person before its time. */
  ended: z.strictObject({ by: z.string(), at: z.string() }).exactOptional(),
});

/** Somebody's wish not to be told by itself of one workload, or one cause, for a while. It hides messages, never incidents. */
export type Silence = Readonly<z.infer<typeof Fields>>;

/** A silence as a store keeps it. */
export const SilenceSchema: z.ZodType<Silence> = Fields;

/** The longest silence, ms: a day. */
export const MAX_SILENCE_MS = 24 * 3_600_000;

/** Whether it holds at a moment. */
export function holds({ from, until, ended }: Silence, at: Date): boolean {
  const now = at.getTime();
  return ended === undefined && Date.parse(from) <= now && now < Date.parse(until);
}

/**
 * Whether it is about an incident. Of a cause only a verdict tells; before there is one, an incident may be about the same if its first error
 * is met by the same key, and is held back as long as that is all that is known.
 */
export function isAbout(
  { cluster, namespace, about }: Silence,
  incident: Pick<Incident, 'cluster' | 'namespace' | 'workload' | 'identity' | 'aliases'>,
): boolean {
  if (cluster !== incident.cluster) return false;
  if (about.kind === 'workload') return namespace === incident.namespace && about.workload === workloadName(incident);
  if (!about.everywhere && namespace !== incident.namespace) return false;
  const { established } = incident.identity;
  return established === undefined ? aboutOf(incident).some((key) => about.keys.includes(key)) : about.keys.includes(established);
}

/** The name of an incident's workload without its kind, as people and silences give it. */
export function workloadName({ workload }: Pick<Incident, 'workload'>): string {
  return workload.slice(workload.indexOf('/') + 1);
}
