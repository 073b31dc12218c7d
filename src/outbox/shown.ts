import { CodedError } from '../errors.ts';
import type { Incident } from '../incident/incident.ts';
import type { Posted } from '../incident/message.ts';
import { isDiagnosing } from '../runbook/phase.ts';
import type { Run } from '../runbook/run.ts';
import { runsOf, UNSAID, unsaidOf } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';

/** What was posted of an incident, and the runs that are shown next. */
export interface Shown {
  readonly posted: Posted;
  /** The oldest first; the last one is the newest of the incident, for its card. */
  readonly runs: readonly Run[];
  /** How many runs the incident has had. */
  readonly total: number;
  /** False where more runs have something to show. */
  readonly isAll: boolean;
  /** True where runs are left that only a newer program can read. */
  readonly newer: boolean;
}

/** So many runs of an incident are read at a time, besides the newest. */
const AT_ONCE = 5;

/** Reads what is needed to show what is new of an incident: a few runs at a time, however many it has. Throws `store/newer`. */
export async function readShown(store: Store, { id }: Incident): Promise<Shown> {
  const [posted, unsaid, total] = await Promise.all([
    store.posted.read(id),
    store.runs.list({ index: unsaidOf(id), order: 'oldest', limit: AT_ONCE }),
    store.runs.count(runsOf(id)),
  ]);
  // Most incidents have one run, which is the newest then.
  const newest = unsaid.records.length === total ? unsaid.records.at(-1) : await newestOf(store, id);
  const older = unsaid.records.filter((run) => run.id !== newest?.id);
  return {
    posted,
    runs: newest ? [...older, newest] : older,
    total,
    isAll: unsaid.next === undefined,
    newer: unsaid.newer,
  };
}

/** Whether anything of an incident is in the chat. */
export function isTold(posted: Posted): boolean {
  return Object.values(posted).some(({ status }) => status === 'posted');
}

/** The card is about the newest run, and nobody else can draw it. */
async function newestOf(store: Pick<Store, 'runs'>, id: string): Promise<Run | undefined> {
  const last = await store.runs.list({ index: runsOf(id), order: 'newest', limit: 1 });
  if (last.newer) throw new CodedError('store/newer', `Runs of incident ${id} were written by a newer imagepull.`, { retryable: true });
  return last.records[0];
}

/** A run that has ended needs not be shown any more. */
export async function markShown(store: Store, run: Run): Promise<void> {
  if (!isDiagnosing(run)) await store.runs.leave(run, [UNSAID, unsaidOf(run.incidentId)]);
}
