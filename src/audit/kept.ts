import { z } from 'zod';
import { Person } from '../approval/person.ts';
import { Time } from '../approval/plan.ts';
import { Commitment, Disclosure } from './commitment.ts';
import { Entry } from './entry.ts';

const Revision = z.int().nonnegative();

/** An entry as a store keeps it, under the one id of its place in the chain: no two writers can take the same place. */
export const LinkSchema = z
  .strictObject({ id: z.string(), revision: Revision, entry: Entry })
  .refine(({ id, entry }) => id === linkId(entry.cluster, entry.sequence), 'stands in the place of another entry');
export type Link = Readonly<z.infer<typeof LinkSchema>>;

/** The id of a place in a cluster's chain. */
export function linkId(cluster: string, sequence: number): string {
  return `${cluster}.${sequence}`;
}

/** An entry as it is stored. */
export function linkOf(entry: Entry): Link {
  return { id: linkId(entry.cluster, entry.sequence), revision: 0, entry };
}

/** A disclosure as a store keeps it, apart from the chain and under its commitment. Once erased, only that it was is left. */
export const KeptDisclosureSchema = z.strictObject({
  id: Commitment,
  revision: Revision,
  at: Time,
  state: z.discriminatedUnion('status', [
    z.strictObject({
      status: z.literal('kept'),
      /** Whose name or words it is; absent for words that nobody in particular said. */
      by: Person.exactOptional(),
      disclosure: Disclosure,
    }),
    z.strictObject({ status: z.literal('erased'), at: Time }),
  ]),
});
export type KeptDisclosure = Readonly<z.infer<typeof KeptDisclosureSchema>>;
