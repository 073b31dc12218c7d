import type { Change, Plan } from '../approval/plan.ts';
import type { Impersonation } from '../cluster/kubeconfig.ts';
import { asCodedError, CodedError } from '../errors.ts';
import type { DraftedObject } from '../remedies/draft.ts';
import { changeLines, PLAN_MARK, tiedPatch } from '../remedies/dry-run-diff.ts';
import { nameOf, subjectOf, type TriedDraft } from './draft-plan.ts';
import type { ExecutorCluster } from './executor-parts.ts';

/** A cluster, and in whose name it is changed; absent: the executor's own. */
type Writing = Pick<ExecutorCluster, 'writer'> & { readonly as?: Impersonation | undefined };

/** What became of a plan's writes. */
export type Written =
  | { readonly status: 'written'; readonly says: string }
  /** Nothing was done. */
  | { readonly status: 'refused'; readonly says: string }
  | { readonly status: 'unknown'; readonly says: string };

/**
 * Makes the changes of a plan, each tied to the very object and version that the draft has read: if anybody else writes first, an earlier attempt
 * of this plan among them, the API server refuses. Throws where nobody answered and nothing is to be seen of the change: who tries again sees.
 */
export async function changeOnce(plan: Plan, tried: TriedDraft, { writer, as }: Writing): Promise<Written> {
  const said: string[] = [];
  for (const [index, change] of plan.changes.entries()) {
    const subject = subjectOf(change, tried.draft.objects);
    try {
      said.push(await write(change, subject, { planId: plan.id, writer, as, expected: tried.dryRun }));
    } catch (cause) {
      return afterRefusal(cause, { plan, index, writer });
    }
  }
  return { status: 'written', says: said.join(' ') };
}

async function write(
  change: Change,
  subject: DraftedObject,
  { planId, writer, as, expected }: { readonly planId: string; readonly expected: string } & Writing,
): Promise<string> {
  const name = nameOf(subject);
  const { uid, resourceVersion } = subject.planned;
  if (change.verb === 'delete') {
    await writer.delete(name, { uid, resourceVersion }, { dryRun: false, as });
    return `${name.kind} ${name.name} was deleted.`;
  }
  const after = await writer.patch(name, tiedPatch(change.patch, { planId, resourceVersion }), { dryRun: false, as });
  const differs = changeLines(subject.object, after).some((line) => !expected.includes(line));
  return `${name.kind} ${name.name} was changed${differs ? ', and not as the dry run said: look at it' : ''}.`;
}

/** What leaves open whether a write was done. */
const UNANSWERED: ReadonlySet<string> = new Set(['cluster/outcome-unknown', 'cluster/unavailable', 'cluster/unreachable']);
/** What the API server answers where somebody else was there first. */
const OVERTAKEN: ReadonlySet<string> = new Set(['cluster/conflict', 'cluster/not-found']);

async function afterRefusal(
  cause: unknown,
  { plan, index, writer }: { readonly plan: Plan; readonly index: number } & Pick<ExecutorCluster, 'writer'>,
): Promise<Written> {
  const { code, message } = asCodedError(cause);
  const earlier = index === 0 ? '' : `${index} of ${plan.changes.length} changes were made. `;
  // Who came first may have been another attempt of this very plan.
  const seen = UNANSWERED.has(code) || OVERTAKEN.has(code) ? await wasWritten(plan, { writer }) : undefined;
  if (seen?.status === 'written') return seen;
  if (earlier !== '') return { status: 'unknown', says: `${earlier}${message}` };
  if (!UNANSWERED.has(code)) return { status: 'refused', says: `${message} Nothing was done.` };
  throw new CodedError('cluster/outcome-unknown', message, { retryable: true, cause });
}

/** Looks whether a plan's changes are there: an object that bears the plan's mark, or one that is gone. Throws what the cluster throws. */
export async function wasWritten(plan: Plan, { writer }: Pick<ExecutorCluster, 'writer'>): Promise<Written> {
  const seen = await Promise.all(plan.changes.map((change) => isDone(change, plan, { writer })));
  if (seen.every(Boolean)) return { status: 'written', says: 'The change is there.' };
  return { status: 'refused', says: 'The change is not there.' };
}

async function isDone(change: Change, plan: Plan, { writer }: Pick<ExecutorCluster, 'writer'>): Promise<boolean> {
  const planned = subjectOf(change, plan.objects);
  try {
    const { metadata } = await writer.read(nameOf({ planned }));
    if (change.verb === 'delete') return metadata.uid !== planned.uid || Boolean(metadata.deletionTimestamp);
    return metadata.uid === planned.uid && metadata.annotations?.[PLAN_MARK] === plan.id;
  } catch (cause) {
    if (asCodedError(cause).code === 'cluster/not-found') return change.verb === 'delete';
    throw cause;
  }
}
