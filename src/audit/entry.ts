import { z } from 'zod';
import { hasCanonicalJson, labelled } from '../approval/canonical-json.ts';
import { Sha256, Time } from '../approval/plan.ts';
import type { Hash, Sign } from '../signing/signing.ts';
import { Commitment } from './commitment.ts';

/** What is written down: from the proposal of a plan to its outcome, and what stops or allows all of them. */
export const ENTRY_KINDS = [
  'proposal',
  'decision',
  'refusal',
  'grant',
  'intent',
  'execution',
  'outcome',
  'cancellation',
  'expiry',
  'freeze',
  'unfreeze',
  'policy-change',
  'cut',
] as const;

const Said = z.string().max(2000);
/** No chain gets so long; a number beyond it was invented. */
const MOST_ENTRIES = 1_000_000_000;

/** What one entry says, without its place in the chain. It names no person: who and why are commitments. */
export const Event = z
  .strictObject({
    kind: z.enum(ENTRY_KINDS),
    at: Time,
    /** The digest of the plan, or of the policy; of a cut the hash of the last entry that it takes away; absent for a freeze. */
    digest: Sha256.optional(),
    planId: z.string().max(64).optional(),
    /** Of a cut: the number of the first entry that stays. */
    keptFrom: z.int().min(1).max(MOST_ENTRIES).optional(),
    /** What happened, in words of this program: `approve`, `set-image shop/web`. Never a person's own words. */
    what: Said,
    /** From where it came: `slack:C0123456789`, `executor`, `cli`. */
    from: z.string().min(1).max(200),
    who: Commitment.optional(),
    why: Commitment.optional(),
    result: Said.optional(),
  })
  .refine(hasCanonicalJson, 'holds text that is no Unicode')
  .refine(
    ({ kind, digest, keptFrom }) => (kind === 'cut' ? digest !== undefined && keptFrom !== undefined : keptFrom === undefined),
    'is no cut as one is written',
  );
export type Event = Readonly<z.infer<typeof Event>>;

/** One entry of a cluster's audit chain. Its hash covers everything but itself and the signature, the entry before it among it. */
export const Entry = z.strictObject({
  version: z.literal(1),
  cluster: z.string().min(1).max(253).refine(hasCanonicalJson, 'holds text that is no Unicode'),
  /** 0, 1, 2 … without a gap. */
  sequence: z.int().min(0).max(MOST_ENTRIES),
  /** The hash of the entry before; of the cluster's name for the first. */
  previous: Sha256,
  event: Event,
  hash: Sha256,
  signature: z.string().max(128),
});
export type Entry = Readonly<z.infer<typeof Entry>>;

/** Where a chain begins that was cut: everything before is gone, as a signed entry of the chain says. */
export interface Beginning {
  readonly sequence: number;
  /** The hash of the entry before, the last one that was taken away. */
  readonly previous: string;
}

/** Where a chain begins, by what an entry says; undefined for one that is no cut. */
export function beginningAfter({ event: { kind, keptFrom, digest } }: Entry): Beginning | undefined {
  return kind === 'cut' && keptFrom !== undefined && digest !== undefined ? { sequence: keptFrom, previous: digest } : undefined;
}

/** The end of a chain. It is written to the log with each entry, where who can cut the chain does not reach. */
export const Head = Entry.pick({ cluster: true, sequence: true, hash: true });
export type Head = Readonly<z.infer<typeof Head>>;

/** What stands in the first entry of a cluster's chain as the hash of the one before. */
export function beginningOf(cluster: string, hash: Hash): string {
  return hash(labelled('imagepull/audit-chain/v1', cluster));
}

/** The hash that an entry should have by its content. */
export function hashOf({ hash: _, signature: __, ...content }: Entry, hash: Hash): string {
  return hash(labelled('imagepull/audit-entry/v1', content));
}

/** What the signature of an entry is made of. */
export function signedText({ cluster, sequence, hash }: Head): string {
  return labelled('imagepull/audit-signature/v1', { cluster, sequence, hash });
}

/** The head of a chain that ends with an entry. */
export function headOf({ cluster, sequence, hash }: Entry): Head {
  return { cluster, sequence, hash };
}

/** The next entry of a cluster's chain, behind the head that is given; the first one where there is none. */
export function nextEntry(
  event: Event,
  chain: { readonly cluster: string; readonly head: Head | undefined; readonly hash: Hash; readonly sign: Sign },
): Entry {
  const { cluster, head } = chain;
  const unsigned = {
    version: 1 as const,
    cluster,
    sequence: head === undefined ? 0 : head.sequence + 1,
    previous: head === undefined ? beginningOf(cluster, chain.hash) : head.hash,
    event,
    hash: '',
    signature: '',
  };
  const hash = hashOf(unsigned, chain.hash);
  return { ...unsigned, hash, signature: chain.sign(signedText({ ...unsigned, hash })) };
}
