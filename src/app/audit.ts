import type { Person } from '../approval/person.ts';
import { type Beginning, type Head, headOf } from '../audit/entry.ts';
import { createAuditLog } from '../audit/log/audit-log.ts';
import { cutBefore, removeBefore, writeCut } from '../audit/log/cut.ts';
import { countDisclosures, eraseDisclosures } from '../audit/log/erase.ts';
import { type AuditQuery, auditedClusters, type DisclosedEntry, readAudit } from '../audit/log/read-audit.ts';
import { verifyKept } from '../audit/log/read-chain.ts';
import type { ChainProblem } from '../audit/verify-chain.ts';
import { sha256 } from '../signing/ed25519.ts';
import type { Sign, Verify } from '../signing/signing.ts';
import { commonVersion } from '../store/heartbeat.ts';
import { KINDS } from '../store/kinds.ts';
import { RECORD_KEPT_MS } from '../store/record-kind.ts';
import { SILENT } from '../telemetry/log.ts';
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
  readonly outcome: { readonly head: Head | undefined; readonly beginning?: Beginning | undefined } | ChainProblem;
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

/** What is younger is not cut off, ms: records of plans end by then, so no plan that is open rests on what is older. */
export const CUT_FROM_AGE_MS: number = RECORD_KEPT_MS;

/** What became of a chain that was to be cut. */
export type CutOutcome =
  /** Nothing was cut off, because the chain is not whole. */
  | { readonly status: 'broken'; readonly problem: ChainProblem }
  /** A process lives that cannot read a cut, and would write no entry any more. */
  | { readonly status: 'older-release' }
  | { readonly status: 'nothing' }
  /** So many entries would go; without `really` they are still there. */
  | { readonly status: 'found' | 'cut'; readonly count: number; readonly keptFrom: number; readonly head: Head | undefined };

/** Cuts off what is older than a time from the chain of one cluster, if all of it is whole, and writes that down in it first. Throws `config/…`, `store/…`. */
export function cutAudit(
  options: StoredOptions,
  given: {
    readonly cluster: string;
    readonly before: Date;
    readonly heads: readonly Head[];
    readonly verify: Verify;
    readonly sign: Sign;
    readonly really: boolean;
    readonly now: Date;
  },
): Promise<CutOutcome> {
  const { cluster, before, heads, verify, sign, really, now } = given;
  return withStore(options, WHAT, async ({ store }) => {
    const verified = await verifyKept(store, { cluster, hash: sha256, verify, heads: heads.filter((head) => head.cluster === cluster) });
    if ('problem' in verified) return { status: 'broken', problem: verified };
    const from = verified.beginning?.sequence ?? 0;
    const beginning = await cutBefore(store, { cluster, from, time: before });
    if (beginning === undefined) return { status: 'nothing' };
    const found = { count: beginning.sequence - from, keptFrom: beginning.sequence };
    if (!really) return { status: 'found', ...found, head: verified.head };
    if (commonVersion(KINDS.auditEntries, await store.heartbeats.list()) < KINDS.auditEntries.version) return { status: 'older-release' };
    const entry = await writeCut(createAuditLog({ store, sign, hash: sha256, log: SILENT }), { cluster, beginning, now });
    await removeBefore(store, { cluster, sequence: beginning.sequence });
    return { status: 'cut', ...found, head: headOf(entry) };
  });
}
