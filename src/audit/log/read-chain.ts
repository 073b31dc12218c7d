import { asCodedError } from '../../errors.ts';
import { type Collection, PAGE, walk } from '../../store/collection.ts';
import { chainOf, KINDS } from '../../store/kinds.ts';
import type { Store } from '../../store/store.ts';
import type { Entry, Head } from '../entry.ts';
import { type Link, linkId } from '../kept.ts';
import { type ChainCheck, type ChainProblem, chainVerifier } from '../verify-chain.ts';

type Entries = Collection<Link>;

/** Checks a cluster's chain as it is kept, page by page, and names the first entry that is missing or changed. */
export async function verifyKept(
  store: Pick<Store, 'collection'>,
  check: ChainCheck,
): Promise<{ readonly head: Head | undefined } | ChainProblem> {
  const verifier = chainVerifier(check);
  for await (const found of readChain(store, check.cluster)) {
    const problem = verifier.take(found);
    if (problem) return problem;
  }
  return verifier.end();
}

/**
 * A chain from its first entry on, by the numbers and not by the list, which somebody else may have written; undefined for an entry that cannot be
 * read. Where one is missing, the next that is known comes after it, and nothing more. Throws `store/newer` for an entry of a newer program.
 */
async function* readChain(store: Pick<Store, 'collection'>, cluster: string): AsyncGenerator<Entry | undefined, void, undefined> {
  const entries = store.collection(KINDS.auditEntries);
  for (let from = 0; ; from += PAGE) {
    const ids = Array.from({ length: PAGE }, (_, n) => linkId(cluster, from + n));
    const page = new Map((await entries.readMany(ids)).map(({ id, entry }) => [id, entry]));
    for (const [at, id] of ids.entries()) {
      let found = page.get(id) ?? (await readOne(entries, id));
      if (found === 'absent') {
        const next = ids.slice(at).find((later) => page.has(later)) ?? '';
        const behind = page.get(next) ?? (await lastBehind(entries, cluster, from + at));
        if (behind === undefined) return;
        // Both may have been written just now. Then this one was the first of them, and is there.
        found = await readOne(entries, id);
        if (found === 'absent') return yield behind;
      }
      yield found === 'unreadable' ? undefined : found;
    }
  }
}

async function readOne(entries: Entries, id: string): Promise<Entry | 'unreadable' | 'absent'> {
  try {
    return (await entries.read(id)).entry;
  } catch (cause) {
    const { code } = asCodedError(cause);
    if (code === 'store/not-found') return 'absent';
    if (code === 'store/unreadable') return 'unreadable';
    throw cause;
  }
}

async function lastBehind(entries: Entries, cluster: string, sequence: number): Promise<Entry | undefined> {
  for await (const { entry } of walk(entries, { index: chainOf(cluster), limit: 10 }))
    if (entry.cluster === cluster) return entry.sequence > sequence ? entry : undefined;
  return undefined;
}
