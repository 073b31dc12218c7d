import type { PlanRecord, Standing } from '../../approval/plan-record.ts';
import { asCodedError } from '../../errors.ts';
import type { Incident } from '../../incident/incident.ts';
import { failingPod, type MemberKind } from '../../incident/members.ts';
import type { Rights } from '../../intake/access.ts';
import type { People } from '../../intake/people.ts';
import type { ShownPlan } from '../../report/card/plan-card.ts';
import type { Run } from '../../runbook/run.ts';
import { walk } from '../../store/collection.ts';
import { plansOf, runsOf } from '../../store/kinds.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Dossier } from '../dossier.ts';

/** What a dossier is read with. */
export interface DossierParts {
  readonly store: Store;
  readonly people: Pick<People, 'person'>;
  /** Where a plan stands now; absent where nothing is ever changed. */
  readonly standing?: ((record: PlanRecord) => Promise<Standing>) | undefined;
  readonly docsUrl?: string | undefined;
  readonly log: Log;
  readonly now: () => Date;
}

/** More of each is not read for one page. */
const MAX_RUNS = 20;
const MAX_PODS = 2_000;
const MAX_PLANS_LOOKED_AT = 500;
const MAX_PLANS = 20;
const MAX_PEOPLE = 40;

/** Reads everything that the page of an incident tells. Throws what the store throws, and the chat where it does not tell who decides. */
export async function readDossier(incident: Incident, rights: Rights, parts: DossierParts): Promise<Dossier> {
  const { store } = parts;
  const { id, cluster } = incident;
  const [{ records: newest }, total, plans, failing, pulled, counts] = await Promise.all([
    store.runs.list({ index: runsOf(id), order: 'newest', limit: MAX_RUNS }),
    store.runs.count(runsOf(id)),
    readPlans(incident, parts),
    readPods(store, id, 'failing'),
    readPods(store, id, 'pulled'),
    store.members.count(id),
  ]);
  const runs = newest.toReversed();
  const pods = {
    failing: failing.pods,
    pulled: pulled.pods,
    total: counts.pod,
    isAll: failing.isAll && pulled.isAll,
  };
  const named = new Set(
    [...pods.failing, ...pods.pulled, ...runs.flatMap(({ survey }) => survey?.failing ?? [])].map(({ namespace }) => namespace),
  );
  return {
    incident,
    runs,
    runsLeftOut: Math.max(0, total - runs.length),
    ...plans,
    pods,
    namespaces: new Set([...named].filter((namespace) => rights.refusal(cluster, namespace) === undefined)),
    people: await namesOf(idsOf(incident, runs, plans.plans), parts),
    docsUrl: parts.docsUrl,
    at: parts.now(),
  };
}

async function readPods(store: Pick<Store, 'members'>, incidentId: string, kind: MemberKind) {
  const { names, next } = await store.members.list(incidentId, { kind, limit: MAX_PODS });
  return { pods: names.map(failingPod), isAll: next === undefined };
}

/** A plan is made after its incident was opened, so older ones of the cluster need not be looked at. */
async function readPlans(
  { id, cluster, openedAt }: Incident,
  { store, standing }: DossierParts,
): Promise<{ readonly plans: readonly ShownPlan[]; readonly isAllPlans: boolean }> {
  if (standing === undefined) return { plans: [], isAllPlans: true };
  const found: PlanRecord[] = [];
  let [looked, isAllPlans] = [0, true];
  for await (const record of walk(store.plans, { index: plansOf(cluster), order: 'newest' })) {
    if (Date.parse(record.createdAt) < Date.parse(openedAt)) break;
    if (++looked > MAX_PLANS_LOOKED_AT || found.length >= MAX_PLANS) {
      isAllPlans = false;
      break;
    }
    if (record.incidentId === id) found.push(record);
  }
  const plans = await Promise.all(found.toReversed().map(async (record) => ({ record, standing: await standing(record) })));
  return { plans, isAllPlans };
}

/** Everybody whom the page names. */
function idsOf({ care, disputed, trigger }: Incident, runs: readonly Run[], plans: readonly ShownPlan[]): readonly string[] {
  const asked = [trigger, ...runs.map((run) => run.trigger)].flatMap((one) => (one !== undefined && 'user' in one ? [one.user] : []));
  const decided = plans.flatMap(({ standing }) => [
    ...('wish' in standing ? standing.wish.requesters.map(({ person }) => person.user) : []),
    ...('decisions' in standing ? standing.decisions.map(({ by }) => by.user) : []),
  ]);
  return [...new Set([...decided, ...asked, ...[care?.by, disputed?.by].flatMap((one) => one ?? [])])];
}

/** Names are for the eye alone: where the chat does not tell them now, ids stand for people. */
async function namesOf(ids: readonly string[], { people, log }: DossierParts): Promise<Dossier['people']> {
  const named = ids.slice(0, MAX_PEOPLE).map(async (id) => {
    try {
      const { name } = await people.person(id);
      return name === undefined ? [] : [[id, name] as const];
    } catch (cause) {
      const { area, message } = asCodedError(cause);
      if (area !== 'chat') throw cause;
      log.warn('the name of a person is not known', { because: message });
      return [];
    }
  });
  return Object.fromEntries((await Promise.all(named)).flat());
}
