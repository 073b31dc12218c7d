import { asCodedError } from '../../errors.ts';
import { type Collection, PAGE, walk } from '../../store/collection.ts';
import { chainOf, FIRST, KINDS } from '../../store/kinds.ts';
import type { Store } from '../../store/store.ts';
import { type Beginning, beginningAfter, type Entry, type Head } from '../entry.ts';
import { type Link, linkId } from '../kept.ts';
import { type ChainCheck, type ChainProblem, chainVerifier } from '../verify-chain.ts';

type Entries = Collection<Link>;

/** Checks a cluster's chain as it is kept, page by page, and names the first entry that is missing or changed. */
export async function verifyKept(
  store: Pick<Store, 'collection'>,
  check: Omit<ChainCheck, 'beginning'>,
): Promise<{ readonly head: Head | undefined; readonly beginning?: Beginning | undefined } | ChainProblem> {
  const beginning = await beginningOfKept(store, check.cluster);
  const verifier = chainVerifier({ ...check, beginning });
  for await (const found of readChain(store, check.cluster, beginning?.sequence ?? 0)) {
    const problem = verifier.take(found);
    if (problem) return problem;
  }
  const end = verifier.end();
  return 'problem' in end ? end : { ...end, beginning };
}

/** Where a chain without its first entry begins, by the newest cut that is told of; whether that is true, only the whole chain says. */
async function beginningOfKept(store: Pick<Store, 'collection'>, cluster: string): Promise<Beginning | undefined> {
  const entries = store.collection(KINDS.auditEntries);
  if ((await readOne(entries, linkId(cluster, 0))) !== 'absent') return undefined;
  for await (const { entry } of walk(entries, { index: FIRST })) {
    const beginning = entry.cluster === cluster ? beginningAfter(entry) : undefined;
    if (beginning) return beginning;
  }
  return undefined;
}

/**
 * A chain from an entry on, by the numbers and not by the list, which somebody else may have written; undefined for an entry that cannot be
 * read. Where one is missing, the next that is known comes after it, and nothing more. Throws `store/newer` for an entry of a newer program.
 */
export async function* readChain(
  store: Pick<Store, 'collection'>,
  cluster: string,
  start: number,
): AsyncGenerator<Entry | undefined, void, undefined> {
  const entries = store.collection(KINDS.auditEntries);
  for (let from = start; ; from += PAGE) {
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
