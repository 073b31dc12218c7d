import type { Person } from '../approval/person.ts';
import type { Head } from '../audit/entry.ts';
import { countDisclosures, eraseDisclosures } from '../audit/log/erase.ts';
import { type AuditQuery, auditedClusters, type DisclosedEntry, readAudit } from '../audit/log/read-audit.ts';
import { verifyKept } from '../audit/log/read-chain.ts';
import type { ChainProblem } from '../audit/verify-chain.ts';
import { sha256 } from '../signing/ed25519.ts';
import type { Verify } from '../signing/signing.ts';
import { KINDS } from '../store/kinds.ts';
import { type StoredOptions, withStore } from './with-store.ts';

const WHAT = 'the audit';

/** What was written down, and how much of it could not be read. */
export interface AuditList {
  /** The oldest first, whatever the cluster. */
  readonly entries: readonly DisclosedEntry[];
  readonly unreadable: number;
}

/** Entries of one cluster, or of all. Throws `config/…`, `store/…`. */
export function listAudit(
  options: StoredOptions,
  { cluster, ...query }: Omit<AuditQuery, 'cluster'> & { readonly cluster: string | undefined },
): Promise<AuditList> {
  return withStore(options, WHAT, async ({ store }) => {
    const entries: DisclosedEntry[] = [];
    for (const one of cluster === undefined ? await auditedClusters(store) : [cluster])
      for await (const entry of readAudit(store, { cluster: one, ...query }, sha256)) entries.push(entry);
    return { entries: entries.sort(byTime), unreadable: store.collection(KINDS.auditEntries).unreadable() };
  });
}

function byTime({ entry: a }: DisclosedEntry, { entry: b }: DisclosedEntry): number {
  return (
    Date.parse(a.event.at) - Date.parse(b.event.at) || (a.cluster < b.cluster ? -1 : a.cluster > b.cluster ? 1 : a.sequence - b.sequence)
  );
}

/** What became of one cluster's chain. */
export interface VerifiedChain {
  readonly cluster: string;
  /** Whether anything outside the chain told where it ends. */
  readonly knowsEnd: boolean;
  readonly outcome: { readonly head: Head | undefined } | ChainProblem;
}

/**
 * Checks the chain of one cluster, or of every one that has a chain, is configured, or is told of by a head. Throws `config/…`, `store/…`.
 */
export function verifyAudit(
  options: StoredOptions,
  { cluster, heads, verify }: { readonly cluster: string | undefined; readonly heads: readonly Head[]; readonly verify: Verify },
): Promise<readonly VerifiedChain[]> {
  return withStore(options, WHAT, async ({ store }, config) => {
    const known = [...(await auditedClusters(store)), ...config.clusters.map(({ name }) => name), ...heads.map((head) => head.cluster)];
    const verified: VerifiedChain[] = [];
    for (const one of cluster === undefined ? [...new Set(known)].sort() : [cluster]) {
      const told = heads.filter((head) => head.cluster === one);
      const outcome = await verifyKept(store, { cluster: one, hash: sha256, verify, heads: told });
      const isNothing = told.length === 0 && 'head' in outcome && outcome.head === undefined;
      if (cluster !== undefined || !isNothing) verified.push({ cluster: one, knowsEnd: told.length > 0, outcome });
    }
    return verified;
  });
}

/** What became of the names and reasons of a person. */
export interface Erasure {
  readonly count: number;
  readonly unreadable: number;
}

/** Erases the names and reasons of a person in all clusters, or without `really` only counts them. Throws `config/…`, `store/…`. */
export function eraseFromAudit(
  options: StoredOptions,
  { person, really, now }: { readonly person: Person; readonly really: boolean; readonly now: Date },
): Promise<Erasure> {
  return withStore(options, WHAT, async ({ store }) => ({
    count: really ? await eraseDisclosures(store, person, now) : await countDisclosures(store, person),
    unreadable: store.collection(KINDS.auditDisclosures).unreadable(),
  }));
}
