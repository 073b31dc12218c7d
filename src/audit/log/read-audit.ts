import type { Hash } from '../../signing/signing.ts';
import { walk } from '../../store/collection.ts';
import { chainOf, FIRST, KINDS } from '../../store/kinds.ts';
import type { Store } from '../../store/store.ts';
import { commitmentTo, type Disclosure, type Who } from '../commitment.ts';
import type { Entry } from '../entry.ts';
import type { KeptDisclosure } from '../kept.ts';

/** What is known of a commitment: what it stands for, or why that is not known. `changed` is something that it does not stand for. */
export type Disclosed<T> = { readonly status: 'known'; readonly says: T } | { readonly status: 'erased' | 'gone' | 'changed' };

/** An entry with its people and words, where it commits to any. */
export interface DisclosedEntry {
  readonly entry: Entry;
  readonly who: Disclosed<Who> | undefined;
  readonly why: Disclosed<string> | undefined;
}

/** Which entries of a cluster are wanted. */
export interface AuditQuery {
  readonly cluster: string;
  /** None from before; all unless told. */
  readonly since?: Date | undefined;
  readonly planId?: string | undefined;
}

/** The clocks of those who write are less than this apart, ms. */
const CLOCKS_APART_MS = 24 * 3_600_000;

/** Entries of a cluster, the newest first, a page at a time. Those that cannot be read are left out, told once and counted by the store. */
export async function* readAudit(
  store: Pick<Store, 'collection'>,
  query: AuditQuery,
  hash: Hash,
): AsyncGenerator<DisclosedEntry, void, undefined> {
  const [entries, disclosures] = [store.collection(KINDS.auditEntries), store.collection(KINDS.auditDisclosures)];
  const { cluster, planId } = query;
  const since = query.since?.getTime() ?? Number.NEGATIVE_INFINITY;
  let cursor: string | undefined;
  do {
    const page = await entries.list({ index: chainOf(cluster), cursor });
    const all = page.records.map(({ entry }) => entry);
    const wanted = all.filter(({ event }) => Date.parse(event.at) >= since && (planId === undefined || event.planId === planId));
    const commitments = wanted.flatMap(({ event: { who, why } }) => [who, why].filter((one) => one !== undefined));
    const kept = new Map((await disclosures.readMany(commitments)).map((one) => [one.id, one]));
    for (const entry of wanted) {
      yield {
        entry,
        who: opened(entry.event.who, { kept, hash, pick: (found) => (found.about === 'who' ? found.says : undefined) }),
        why: opened(entry.event.why, { kept, hash, pick: (found) => (found.about === 'why' ? found.says : undefined) }),
      };
    }
    const isOld = all.length > 0 && all.every(({ event }) => Date.parse(event.at) < since - CLOCKS_APART_MS);
    cursor = isOld ? undefined : page.next;
  } while (cursor !== undefined);
}

/** The clusters that have a chain. */
export async function auditedClusters(store: Pick<Store, 'collection'>): Promise<readonly string[]> {
  const clusters = new Set<string>();
  for await (const { entry } of walk(store.collection(KINDS.auditEntries), { index: FIRST })) clusters.add(entry.cluster);
  return [...clusters].sort();
}

/** What is known of a commitment; `pick` takes out of a disclosure what it has to be about. */
function opened<T>(
  commitment: string | undefined,
  { kept, hash, pick }: { readonly kept: ReadonlyMap<string, KeptDisclosure>; readonly hash: Hash; pick(found: Disclosure): T | undefined },
): Disclosed<T> | undefined {
  if (commitment === undefined) return undefined;
  const state = kept.get(commitment)?.state;
  if (state === undefined) return { status: 'gone' };
  if (state.status === 'erased') return { status: 'erased' };
  const says = pick(state.disclosure);
  const fits = says !== undefined && commitmentTo(state.disclosure, hash) === commitment;
  return fits ? { status: 'known', says } : { status: 'changed' };
}
