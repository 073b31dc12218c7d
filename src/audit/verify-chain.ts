import type { Hash, Verify } from '../signing/signing.ts';
import { type Beginning, beginningAfter, beginningOf, Entry, type Head, hashOf, headOf, signedText } from './entry.ts';

/** How a chain fails first: an entry is `missing`, `changed`, or one is there that `does-not-belong`; the number is the entry's. */
export type ChainProblem = {
  readonly sequence: number;
  readonly problem: 'missing' | 'changed' | 'does-not-belong';
  readonly says: string;
};

/** What a chain is checked with. */
export interface ChainCheck {
  readonly cluster: string;
  readonly hash: Hash;
  /** The signature of any of the processes that may write entries. */
  readonly verify: Verify;
  /** Heads that the log tells; without the newest one a tail that was cut off cannot be noticed. */
  readonly heads?: readonly Head[] | undefined;
  /** Where it begins, if it was cut. That counts only if an entry of the chain itself says so. */
  readonly beginning?: Beginning | undefined;
}

/** Checks a chain entry by entry, so that none has to be held as a whole. After the first problem nothing more may be asked of it. */
export interface ChainVerifier {
  /** Takes the next entry as it was read, whatever that is. */
  take(found: unknown): ChainProblem | undefined;
  /** What the whole comes to once there is no further entry: its last one, if it has any. */
  end(): { readonly head: Head | undefined } | ChainProblem;
}

/** Begins to check a chain. Never throws, whatever it is given. */
export function chainVerifier(check: ChainCheck): ChainVerifier {
  const told = Map.groupBy(check.heads ?? [], ({ sequence }) => sequence);
  let last: Entry | undefined;
  let index = check.beginning?.sequence ?? 0;
  let isCutSaid = check.beginning === undefined;
  return {
    take(found) {
      const entry = Entry.safeParse(found).data;
      const problem = entry === undefined ? changed(index, 'cannot be read') : problemOf(entry, { index, last, check, told });
      last = entry;
      index += 1;
      const beginning = entry && problem === undefined ? beginningAfter(entry) : undefined;
      isCutSaid ||= beginning?.sequence === check.beginning?.sequence && beginning?.previous === check.beginning?.previous;
      return problem;
    },
    end: () => (isCutSaid ? undefined : unsaidCut(check)) ?? endProblem(last, check) ?? { head: last && headOf(last) },
  };
}

/** Checks a chain as it was read, in its order, and names the first entry that is missing or changed. Never throws, whatever it is given. */
export function verifyChain(entries: Iterable<unknown>, check: ChainCheck): { readonly head: Head | undefined } | ChainProblem {
  const verifier = chainVerifier(check);
  for (const found of entries) {
    const problem = verifier.take(found);
    if (problem) return problem;
  }
  return verifier.end();
}

interface Place {
  readonly index: number;
  readonly last: Entry | undefined;
  readonly check: ChainCheck;
  readonly told: ReadonlyMap<number, readonly Head[]>;
}

function problemOf(entry: Entry, { index, last, check, told }: Place): ChainProblem | undefined {
  const { cluster, sequence, previous } = entry;
  // Such an entry is named by its place, for its own number may be what was changed.
  if (hashOf(entry, check.hash) !== entry.hash) return changed(index, 'says something else than what its hash was made of');
  if (!check.verify(signedText(entry), entry.signature)) return changed(index, 'is not signed by a process that may write it');
  if (cluster !== check.cluster) return changed(index, `is from the chain of cluster ${cluster}`);
  if (sequence < index)
    return { sequence, problem: 'does-not-belong', says: `Entry ${sequence} is there a second time, in the place of entry ${index}.` };
  if (sequence > index) return missing(index, `entry ${sequence} stands in its place`);
  // Both are signed, so it is the earlier one that was exchanged for another of its number.
  if (last !== undefined && previous !== last.hash)
    return changed(last.sequence, `is not the one that entry ${sequence} was written after`);
  if (last === undefined) {
    const problem = beginningProblem(entry, check, told);
    if (problem) return problem;
  }
  // Every head counts, not only the newest: one that is older shows a history that was written anew before it.
  if (told.get(sequence)?.some(({ hash }) => hash !== entry.hash)) return changed(sequence, 'is not the one that the log tells of');
  return undefined;
}

function beginningProblem(
  { sequence, previous }: Entry,
  { beginning, cluster, hash }: ChainCheck,
  told: Place['told'],
): ChainProblem | undefined {
  if (beginning === undefined)
    return previous === beginningOf(cluster, hash) ? undefined : changed(sequence, "does not begin this cluster's chain");
  if (previous !== beginning.previous) return changed(sequence, 'is not the one that the cut has left');
  // What was cut off cannot be looked at any more, but the last of it is known by its hash.
  return told.get(sequence - 1)?.some((head) => head.hash !== previous)
    ? changed(sequence - 1, 'is not the one that the log tells of')
    : undefined;
}

function unsaidCut({ beginning }: ChainCheck): ChainProblem | undefined {
  return beginning && missing(beginning.sequence - 1, 'no entry of this chain tells that it was cut off');
}

function endProblem(last: Entry | undefined, { heads = [], cluster }: ChainCheck): ChainProblem | undefined {
  const foreign = heads.find((head) => head.cluster !== cluster);
  if (foreign) return changed(foreign.sequence, `is from the log of cluster ${foreign.cluster}`);
  const next = last === undefined ? 0 : last.sequence + 1;
  const newest = heads.reduce((most, { sequence }) => Math.max(most, sequence), -1);
  return next <= newest ? missing(next, `the log tells of entries up to ${newest}`) : undefined;
}

function changed(sequence: number, says: string): ChainProblem {
  return { sequence, problem: 'changed', says: `Entry ${sequence} was changed: it ${says}.` };
}

function missing(sequence: number, says: string): ChainProblem {
  return { sequence, problem: 'missing', says: `Entry ${sequence} is missing: ${says}.` };
}
