import type { Person } from '../../approval/person.ts';
import { findingsDigest, type Requester } from '../../approval/plan.ts';
import { planIdStart } from '../../approval/plan-id.ts';
import type { Remedy } from '../../approval/remedy.ts';
import { seal, unseal } from '../../approval/sealed.ts';
import type { Wish } from '../../approval/wish.ts';
import type { Incident } from '../../incident/incident.ts';
import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import { type Chosen, chosenRemedy, nextOf, type Offer, offersOf } from '../../remedies/offers.ts';
import { applyEvent, type Run } from '../../runbook/run.ts';
import { unlessGone } from '../../store/collection.ts';
import { runsOf } from '../../store/kinds.ts';
import { shortened } from '../../text/wording.ts';
import type { Refusal } from '../intake.ts';
import type { Person as Asker } from '../people.ts';
import { seenIncident } from '../seen-incident.ts';
import type { PlanParts } from './plan-parts.ts';
import { groupMembers } from './standing.ts';

/** What somebody has to choose from before there is something to plan. */
export interface Choosing {
  readonly status: 'choose';
  readonly offer: Extract<Offer, { readonly choose: unknown }>;
  readonly runId: string;
  readonly cluster: string;
}

/** Somebody asks for a remedy. */
export interface Proposing {
  readonly person: Asker;
  readonly incidentId: string;
  readonly remedy: Remedy['id'];
  readonly chosen?: Chosen;
}

/** Writes down what somebody asked for and has the executor make a plan of it. Throws `store/not-found`, also for what somebody may not see. */
export async function proposeRemedy(
  asked: Proposing,
  parts: PlanParts,
): Promise<{ readonly status: 'noted'; readonly planId: string } | Choosing | Refusal> {
  const { person, incidentId } = asked;
  const { store } = parts;
  const { incident, rights } = await seenIncident({ person, incidentId }, parts);
  const forbidden = rights.refusal(incident.cluster, incident.namespace);
  if (forbidden) return forbidden;
  const run = (await store.runs.list({ index: runsOf(incidentId), limit: 1 })).records[0];
  const nodeTasks = parts.withNodeTasks.includes(incident.cluster);
  const offer = run && [...offersOf(run, { nodeTasks }), ...(await nextOffers(run, parts))].find(({ id }) => id === asked.remedy);
  if (run === undefined || offer === undefined)
    return refused('plan/not-offered', 'The newest diagnosis no longer says that this would help. Look at its card.');
  if (!parts.clusters.includes(incident.cluster))
    return refused('plan/off', `Nothing is changed on ${incident.cluster}: its configuration has no executor (clusters[].executor).`);
  if (run.plan && (run.plan.status === 'acting' || run.plan.status === 'verifying'))
    return refused('plan/under-way', 'A plan for this is being carried out. Its card says what comes of it.');
  const who = await personOf(person.user, parts);
  if ('status' in who) return who;
  const channel = incident.places[0]?.channel;
  if (channel === undefined) return refused('plan/no-channel', 'The incident has no channel in which a plan could be shown.');
  const { shared } = await parts.people.channel(channel);
  if (shared) return refused('plan/shared', 'This channel is shared with another organisation. Ask in one that is not.');
  const remedy = chosenRemedy(offer, asked.chosen ?? {});
  if (remedy === undefined) return 'choose' in offer ? { status: 'choose', offer, runId: run.id, cluster: incident.cluster } : stale();
  const requesters = await requestersOf(run, who, 'choose' in offer, parts);
  return { status: 'noted', planId: await makeWish({ run, incident, remedy, requesters, channel }, parts) };
}

/** Signs and keeps a wish, and has the executor make a plan of it; answers the plan's id. */
export async function makeWish(
  given: {
    readonly run: Run;
    readonly incident: Incident;
    readonly remedy: Remedy;
    /** Empty: nobody asked. */
    readonly requesters: readonly Requester[];
    readonly channel: string;
  },
  parts: PlanParts,
): Promise<string> {
  const { run, incident, remedy, requesters, channel } = given;
  const { store, queue } = parts;
  const at = parts.now().toISOString();
  const id = `${planIdStart(incident.cluster, parts.hash)}${parts.newNonce().slice(0, 20)}`;
  const wish: Wish = {
    id,
    cluster: incident.cluster,
    incidentId: incident.id,
    runId: run.id,
    target: { namespace: run.target.namespace, pod: run.target.pod },
    remedy,
    requesters: [...requesters],
    // Whoever calls this has seen that it is not.
    place: { channel, shared: false },
    findings: [...new Set(run.findings.map(({ code }) => code))],
    findingsDigest: findingsDigest(run.findings, parts.hash),
    title: shortened(run.conclusion?.title ?? `${incident.namespace}/${incident.pod}`, 500),
    members: Object.fromEntries(
      Object.entries(await groupMembers(parts.policy, parts.remembered)).map(([group, users]) => [group, [...users]]),
    ),
    at,
  };
  await store.plans.create({
    id,
    revision: 0,
    cluster: incident.cluster,
    incidentId: incident.id,
    runId: run.id,
    createdAt: at,
    wish: seal('wish', wish, parts.sign),
    decisions: [],
    reminded: false,
  });
  parts.log.info('a plan was asked for', { plan: id, run: run.id, incident: incident.id, cluster: incident.cluster, remedy: remedy.id });
  // What nobody asked for stands in nobody's way, and the card says nothing of it but what it leads to.
  if (requesters.length > 0) await store.runs.update(run.id, (known) => applyEvent(known, { type: 'plan-proposed', planId: id, at }));
  await queue.add({ kind: 'plan', cluster: incident.cluster, planId: id });
  await tellIncident(incident, URGENCY.verdict, parts);
  return id;
}

/** What the newest plan of a run leads to. */
async function nextOffers({ plan }: Run, { store, verify }: PlanParts): Promise<readonly Offer[]> {
  const record = plan && (await unlessGone(store.plans.read(plan.planId)));
  if (record?.execution?.status !== 'applied') return [];
  const proposal = unseal('proposal', record.proposal, verify.executor);
  const offer = proposal && nextOf(proposal.plan);
  return offer === undefined ? [] : [offer];
}

function stale(): Refusal {
  return refused('plan/not-offered', 'That choice is of another version. Ask again.');
}

/** Who somebody is in their organisation; guests and people of others ask for nothing. */
export async function personOf(user: string, { people, policy }: Pick<PlanParts, 'people' | 'policy'>): Promise<Person | Refusal> {
  const { member, organisation } = await people.person(user);
  if (!member || organisation === undefined || organisation !== policy.organisation)
    return refused(
      'plan/not-a-member',
      'Only full members of the organisation that approvals.yaml names may ask for changes or decide about them.',
    );
  return { organisation, user };
}

async function requestersOf(
  { trigger }: Run,
  who: Person,
  chose: boolean,
  { identities, people }: PlanParts,
): Promise<readonly Requester[]> {
  const started = 'user' in trigger ? [{ person: { organisation: who.organisation, user: trigger.user }, as: 'started' as const }] : [];
  const all = [{ person: who, as: 'proposed' as const }, ...(chose ? [{ person: who, as: 'chose' as const }] : []), ...started];
  return Promise.all(
    all.map(async (one) => {
      const clusterUser = await identities.userOf(one.person.user, people);
      return { ...one, ...(clusterUser === undefined ? {} : { clusterUser }) };
    }),
  );
}

/** A no with its reason. */
export function refused(code: string, says: string): Refusal {
  return { status: 'refused', code, says };
}
