import { shortDigest } from '../../approval/plan.ts';
import { asCodedError, CodedError } from '../../errors.ts';
import type { Hash, Sign } from '../../signing/signing.ts';
import { createOnce, walk } from '../../store/collection.ts';
import { chainOf, KINDS } from '../../store/kinds.ts';
import type { Store } from '../../store/store.ts';
import { Turns } from '../../store/turns.ts';
import type { Log } from '../../telemetry/log.ts';
import type { AuditLog } from '../audit-log.ts';
import { type Entry, type Event, type Head, headOf, nextEntry } from '../entry.ts';
import { linkId, linkOf } from '../kept.ts';
import { committed } from './committed.ts';

/** What an audit log works with. */
export interface AuditLogOptions {
  readonly store: Pick<Store, 'collection'>;
  /** With the key of this process; who verifies the chain has to know its public half. */
  readonly sign: Sign;
  readonly hash: Hash;
  /** Where the heads go. */
  readonly log: Log;
  /** How often a place in the chain is tried for while other processes take one after the other; 1,000 unless told. */
  readonly attempts?: number;
}

/**
 * The audit log on a store, shared by any number of processes. Names and words are kept before the entry that commits to them, so a process that
 * dies in between leaves words without an entry and never an entry without words.
 */
export function createAuditLog({ store, sign, hash, log, attempts = 1_000 }: AuditLogOptions): AuditLog {
  const entries = store.collection(KINDS.auditEntries);
  const disclosures = store.collection(KINDS.auditDisclosures);
  const turns = new Turns();
  /**
   * The newest entry of each chain that this process knows. It goes on from there even where the store has lost it, so that the gap is seen.
   */
  const heads = new Map<string, Head>();

  async function append(cluster: string, event: Event): Promise<Entry> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const head = heads.get(cluster) ?? (await newest(cluster));
      const entry = nextEntry(event, { cluster, head, hash, sign });
      const created = await createOnce(entries, linkOf(entry));
      const last = created ? headOf(entry) : await whoTook(cluster, entry.sequence);
      if (last !== undefined) heads.set(cluster, last);
      if (created) return entry;
    }
    throw new CodedError('audit/busy', `So much is written to the audit of cluster ${cluster} at once that this entry found no place.`);
  }

  async function newest(cluster: string): Promise<Head | undefined> {
    for await (const { entry } of walk(entries, { index: chainOf(cluster), limit: 10 }))
      if (entry.cluster === cluster) return headOf(entry);
    return undefined;
  }

  /** The head now that another one has the place; undefined where that has gone again. */
  async function whoTook(cluster: string, sequence: number): Promise<Head | undefined> {
    const last = await newest(cluster);
    if (last !== undefined && last.sequence >= sequence) return last;
    try {
      return headOf((await entries.read(linkId(cluster, sequence))).entry);
    } catch (cause) {
      const { code } = asCodedError(cause);
      if (code === 'store/not-found') return undefined;
      if (code !== 'store/unreadable') throw cause;
      throw new CodedError(
        'audit/broken',
        `Nothing can be written to the audit of cluster ${cluster}: its entry ${sequence} cannot be read. imagepull audit verify says more.`,
        { cause },
      );
    }
  }

  return {
    async write(said) {
      const { cluster } = said;
      const { event, kept } = committed(said, hash);
      for (const disclosure of kept) await disclosures.create(disclosure);
      const entry = await turns.take(cluster, () => append(cluster, event));
      const { kind, planId, digest, from, result } = event;
      log.info('audit', {
        ...headOf(entry),
        kind,
        plan: planId,
        digest: digest === undefined ? undefined : shortDigest(digest),
        from,
        result,
      });
      return entry;
    },
  };
}
