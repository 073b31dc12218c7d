import type { Hash } from '../../signing/signing.ts';
import type { Decision } from '../decision.ts';
import type { Members, Person } from '../person.ts';
import { type Plan, type Proposal, planDigest, type Requester } from '../plan.ts';
import { type ApprovalPolicy, policyDigest } from '../policy.ts';
import type { Remedy } from '../remedy.ts';
import type { Question } from '../status.ts';
import type { Expectation, ExpectationTable } from './expectations.ts';

const PROPOSED_AT = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
/** Stands for a digest where it does not matter what it is of. */
const SOME_DIGEST = '0'.repeat(64);

/** Everything that the status of a supposed plan depends on; what the table leaves out is in order. */
export function worldOf(expectation: Expectation, table: ExpectationTable, policy: ApprovalPolicy, hash: Hash): Question {
  const organisation = policy.organisation ?? 'T000';
  const person = (who: string): Person => ({ organisation, user: idOf(who, table) });
  const proposal: Proposal = {
    plan: supposedPlan({ ...table.plan, ...expectation.plan }, person),
    policyDigest: expectation.policyChanged ? SOME_DIGEST : policyDigest(policy, hash),
    findingsDigest: SOME_DIGEST,
  };
  const digest = planDigest(proposal, hash);
  const groups = Object.entries(table.groups).map(([id, members]) => [id, members.map((who) => idOf(who, table))] as const);
  const guests = table.guests.map((who) => idOf(who, table));
  const decisions = expectation.decisions.map(({ approve, deny, after, reason, as, organisation: other, otherPlan }, index): Decision => {
    const by = person(approve ?? deny ?? '');
    const shared = {
      id: `decision-${index}`,
      planDigest: otherPlan ? SOME_DIGEST : digest,
      by: { ...by, organisation: other ?? organisation },
      at: new Date(PROPOSED_AT + (after ?? (index + 1) * MINUTE_MS)).toISOString(),
      full: !guests.includes(by.user),
      groups: groups.filter(([, members]) => members.includes(by.user)).map(([id]) => id),
      ...(as === undefined ? {} : { clusterUser: as }),
    };
    if (deny !== undefined) return { kind: 'deny', ...shared, reason: reason ?? '' };
    return { kind: 'approve', ...shared, ...(reason === undefined ? {} : { reason }) };
  });
  const full = decisions.map(({ by }) => by.user).filter((user) => !guests.includes(user));
  const without = (absent: readonly string[]): Members => {
    const gone = absent.map((who) => idOf(who, table));
    return { full, groups: Object.fromEntries(groups.map(([id, members]) => [id, members.filter((user) => !gone.includes(user))])) };
  };
  const last = Math.max(PROPOSED_AT, ...decisions.map(({ at }) => Date.parse(at)));
  return {
    proposal,
    policy,
    decisions,
    members: { proposed: without(expectation.joined), now: without(expectation.left) },
    now: new Date(expectation.after === undefined ? last + MINUTE_MS : PROPOSED_AT + expectation.after),
    voided: expectation.voided,
    shared: false,
  };
}

function idOf(who: string, { people }: ExpectationTable): string {
  return Object.hasOwn(people, who) ? (people[who] ?? who) : who;
}

/** A plan in full with what an expectation says of it, and anything for the rest. */
function supposedPlan(given: Expectation['plan'], person: (who: string) => Person): Plan {
  const { remedy: id = 'delete-pod', cluster = 'prod', namespace = 'shop', risk = 'medium', as } = given;
  const requester = (who: string | undefined, role: Requester['as']): readonly Requester[] =>
    who === undefined ? [] : [{ person: person(who), as: role, ...(as === undefined ? {} : { clusterUser: as }) }];
  const remedy = supposedRemedy(id, namespace);
  const object = 'node' in remedy ? { kind: 'Node', name: remedy.node } : { kind: 'Pod', namespace, name: 'web-0' };
  return {
    id: 'supposed-plan',
    cluster,
    remedy,
    objects: [{ apiVersion: 'v1', ...object, uid: 'uid', resourceVersion: '1', state: SOME_DIGEST }],
    changes: [{ verb: 'delete', object: 0 }],
    dryRun: '',
    blast: { restarts: 1, disruptionBudgets: [] },
    watched: { kind: 'nothing' },
    risk,
    effect: 'A supposed plan.',
    notChecked: [],
    findings: [],
    requesters: [...requester(given.proposed, 'proposed'), ...requester(given.started, 'started'), ...requester(given.chose, 'chose')],
    place: { channel: 'C000', shared: given.shared ?? false },
    proposedAt: new Date(PROPOSED_AT).toISOString(),
  };
}

function supposedRemedy(id: Remedy['id'], namespace: string): Remedy {
  const workload = { namespace, kind: 'Deployment', name: 'web' };
  const digest = `sha256:${SOME_DIGEST}`;
  switch (id) {
    case 'delete-pod':
      return { id, namespace, pod: 'web-0' };
    case 'restart-workload':
      return { id, workload };
    case 'roll-back':
      return { id, workload, revision: 1 };
    case 'set-image':
      return { id, workload, container: 'app', repository: 'registry.example/shop/web', tag: '1', digest };
    case 'attach-pull-secret':
      return { id, workload, secret: 'registry' };
    case 'cordon-node':
    case 'uncordon-node':
      return { id, node: 'node-1' };
    case 'prune-images':
      return { id, node: 'node-1', listing: 'some-listing' };
    case 'probe-node':
      return { id, node: 'node-1', look: 'probe', image: 'registry.example/shop/web:1' };
    default:
      return id satisfies never;
  }
}
