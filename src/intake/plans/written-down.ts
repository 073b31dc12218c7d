import type { PlanRecord } from '../../approval/plan-record.ts';
import { hashOf, signedText } from '../../audit/entry.ts';
import { walk } from '../../store/collection.ts';
import { chainOf, KINDS } from '../../store/kinds.ts';
import type { PlanParts } from './plan-parts.ts';

/** More entries than these are not looked through: then nothing is granted either. */
const MAX_ENTRIES = 2_000;

/**
 * Why the audit speaks against a grant, as a sentence; undefined where it does not. Who may write to the store can take a denial away, but not the
 * entry that tells of it without leaving a gap: the entries from the plan's proposal to the newest one have to be there, each signed and behind the
 * one before.
 */
export async function whyNotByAudit(
  { id: planId, cluster }: Pick<PlanRecord, 'id' | 'cluster'>,
  { store, hash, verify, denied }: Pick<PlanParts, 'store' | 'hash' | 'verify' | 'denied'>,
): Promise<string | undefined> {
  if (denied.get(planId)) return 'It was denied.';
  const entries = store.collection(KINDS.auditEntries);
  let after: { readonly sequence: number; readonly previous: string } | undefined;
  let looked = 0;
  for await (const { entry } of walk(entries, { index: chainOf(cluster) })) {
    if (++looked > MAX_ENTRIES) break;
    const follows = after === undefined || (entry.sequence === after.sequence - 1 && entry.hash === after.previous);
    const isSigned = verify.gateway(signedText(entry), entry.signature) || verify.executor(signedText(entry), entry.signature);
    if (!follows || !isSigned || hashOf(entry, hash) !== entry.hash || entry.cluster !== cluster) return BROKEN;
    after = entry;
    if (entry.event.planId !== planId) continue;
    if (entry.event.kind === 'decision' && entry.event.what === 'deny') return 'It was denied, as the audit tells.';
    if (entry.event.kind === 'proposal') return undefined;
  }
  return BROKEN;
}

const BROKEN =
  'The audit does not tell whole what became of it since it was proposed, so nothing is carried out. imagepull audit verify says more.';
