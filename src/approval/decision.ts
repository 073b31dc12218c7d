import { z } from 'zod';
import { ClusterUser, GroupId, Person } from './person.ts';
import { Sha256, Time } from './plan.ts';

const Shared = {
  id: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, 'is not the id of a decision'),
  /** What was decided about. A decision about another digest counts for nothing. */
  planDigest: Sha256,
  by: Person,
  at: Time,
  /** What the chat said of the person at that moment. */
  full: z.boolean(),
  groups: z.array(GroupId).max(50),
  /** Whom the person was mapped to in the cluster, where that was known. */
  clusterUser: ClusterUser.optional(),
};

const Reason = z
  .string()
  .trim()
  .min(1)
  .max(1000)
  .refine((text) => text.isWellFormed(), 'holds text that is no Unicode');

/** What one person said about one plan. A denial needs a reason; an approval, where the rule asks for one. */
export const Decision = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('approve'), ...Shared, reason: Reason.optional() }),
  z.strictObject({ kind: z.literal('deny'), ...Shared, reason: Reason }),
]);
export type Decision = Readonly<z.infer<typeof Decision>>;
