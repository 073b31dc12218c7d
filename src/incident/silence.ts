import { z } from 'zod';
import type { Incident } from './incident.ts';

const Fields = z.strictObject({
  id: z.string(),
  revision: z.int().nonnegative(),
  cluster: z.string(),
  namespace: z.string(),
  /** Name of the workload without its kind. */
  workload: z.string(),
  /** The chat's id of a person. */
  by: z.string(),
  reason: z.string().exactOptional(),
  /** RFC 3339. */
  from: z.string(),
  until: z.string(),
  /** Ended by a person before its time. */
  ended: z.strictObject({ by: z.string(), at: z.string() }).exactOptional(),
});

/** Somebody's wish not to be told by itself of one workload for a while. It hides messages, never incidents. */
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

/** Whether it is about the workload that an incident was opened for. */
export function isAbout(
  { cluster, namespace, workload }: Silence,
  incident: Pick<Incident, 'cluster' | 'namespace' | 'workload'>,
): boolean {
  return cluster === incident.cluster && namespace === incident.namespace && workload === workloadName(incident);
}

/** The name of an incident's workload without its kind, as people and silences give it. */
export function workloadName({ workload }: Pick<Incident, 'workload'>): string {
  return workload.slice(workload.indexOf('/') + 1);
}
