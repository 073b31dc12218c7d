import { z } from 'zod';
import { hasCanonicalJson, labelled } from '../approval/canonical-json.ts';
import { ClusterUser, Person } from '../approval/person.ts';
import { Sha256 } from '../approval/plan.ts';
import type { Hash } from '../signing/signing.ts';

/** Stands for what an entry does not say: the hash of it with a salt. Without the salt nobody can try names against it. */
export const Commitment = Sha256;

/** Who did something. */
export const Who = z.strictObject({ person: Person, name: z.string().max(200), clusterUser: ClusterUser.optional() });
export type Who = Readonly<z.infer<typeof Who>>;

/** 256 random bits in hexadecimal, new for each disclosure; the same person has another commitment in each entry. */
const Salt = Sha256;

/**
 * What opens a commitment, kept beside the chain. Erasing it erases the person, or what they wrote, and leaves the chain whole: nothing that
 * is left tells whose commitment it was.
 */
export const Disclosure = z
  .discriminatedUnion('about', [
    z.strictObject({ about: z.literal('who'), salt: Salt, says: Who }),
    z.strictObject({ about: z.literal('why'), salt: Salt, says: z.string().max(1000) }),
  ])
  .refine(hasCanonicalJson, 'holds text that is no Unicode');
export type Disclosure = Readonly<z.infer<typeof Disclosure>>;

/** The commitment to a disclosure. */
export function commitmentTo(disclosure: Disclosure, hash: Hash): string {
  return hash(labelled('imagepull/audit-commitment/v1', disclosure));
}
