import { walk } from '../../store/collection.ts';
import { chainOf, KINDS } from '../../store/kinds.ts';
import type { Store } from '../../store/store.ts';
import type { AuditLog } from '../audit-log.ts';
import type { Beginning, Entry } from '../entry.ts';
import { linkId } from '../kept.ts';
import { readChain } from './read-chain.ts';

type Kept = Pick<Store, 'collection'>;

/**
 * Where a whole chain would begin if all that is older than a time were cut off, up to the first entry that is not. The last entry stays, whatever its
 * age. Undefined where nothing would go. `from` is where it begins now.
 */
export async function cutBefore(
  store: Kept,
  { cluster, from, time }: { readonly cluster: string; readonly from: number; readonly time: Date },
): Promise<Beginning | undefined> {
  let before: Entry | undefined;
  let older: Entry | undefined;
  for await (const entry of readChain(store, cluster, from)) {
    if (entry === undefined) return undefined;
    if (Date.parse(entry.event.at) >= time.getTime()) return beginningBehind(older);
    [before, older] = [older, entry];
  }
  return beginningBehind(before);
}

function beginningBehind(entry: Entry | undefined): Beginning | undefined {
  return entry && { sequence: entry.sequence + 1, previous: entry.hash };
}

/** Writes down that a chain is cut, before anything of it goes: who dies in between leaves more than has to be there. */
export function writeCut(
  audit: AuditLog,
  { cluster, beginning, now }: { readonly cluster: string; readonly beginning: Beginning; readonly now: Date },
): Promise<Entry> {
  const { sequence, previous } = beginning;
  const what = `entries before ${sequence} are cut off`;
  return audit.write({ cluster, kind: 'cut', at: now.toISOString(), digest: previous, keptFrom: sequence, what, from: 'cli' });
}

/** Takes away what is before the beginning of a chain, with the names and reasons; answers how many entries. Doing it once more ends what was begun. */
export async function removeBefore(
  store: Kept,
  { cluster, sequence }: { readonly cluster: string } & Pick<Beginning, 'sequence'>,
): Promise<number> {
  const [entries, disclosures] = [store.collection(KINDS.auditEntries), store.collection(KINDS.auditDisclosures)];
  let removed = 0;
  for await (const { entry } of walk(entries, { index: chainOf(cluster), order: 'oldest' })) {
    if (entry.sequence >= sequence) break;
    for (const id of [entry.event.who, entry.event.why]) if (id !== undefined) await disclosures.remove(id);
    if (await entries.remove(linkId(cluster, entry.sequence))) removed += 1;
  }
  return removed;
}
