import { readFileSync } from 'node:fs';
import { loadRunbook } from '../../src/app/runbooks.ts';
import type { Decision } from '../../src/approval/decision.ts';
import { Plan, type Proposal, planDigest } from '../../src/approval/plan.ts';
import type { PlanRecord, Standing } from '../../src/approval/plan-record.ts';
import type { Question, Status } from '../../src/approval/status.ts';
import type { Wish } from '../../src/approval/wish.ts';
import type { Incident } from '../../src/incident/incident.ts';
import type { Inline, Message, Piece } from '../../src/incident/message.ts';
import type { Review } from '../../src/intake/plans/review.ts';
import { type CardOptions, threadFor } from '../../src/report/card/card.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { planChoiceView } from '../../src/slack/views/plan-choice.ts';
import { planReviewView } from '../../src/slack/views/plan-review.ts';
import { concludedRun, incidentObject } from './incidents.ts';
import { madeImage, planned, planOf } from './node-images.ts';

const AT = '2026-03-01T10:10:00.000Z';
const runbook = loadRunbook();

/** What a plan is given of the longest that may be. */
export interface Given {
  readonly plan?: Partial<Plan>;
  readonly title?: string;
  readonly says?: string;
  /** What was seen of the effect, in place of pods. */
  readonly effect?: string;
  readonly cluster?: string;
  readonly approvals?: number;
  readonly approvers?: number;
}

/** A plan in a state. */
export interface PlanState {
  readonly record: PlanRecord;
  readonly standing: Standing;
}

type Changes = Pick<Partial<PlanRecord>, 'closed' | 'execution' | 'effect' | 'reminded'>;

/** Every state of a plan's card, by name. */
export function planStates(given: Given = {}): Readonly<Record<string, PlanState>> {
  const plan = Plan.parse({ ...JSON.parse(readFileSync('test/approval/plan.json', 'utf8')), ...given.plan });
  const proposal: Proposal = { plan, policyDigest: '0'.repeat(64), findingsDigest: '1'.repeat(64) };
  const digest = planDigest(proposal, sha256);
  const wish: Wish = {
    id: plan.id,
    cluster: plan.cluster,
    incidentId: 'i',
    runId: 'r',
    target: { namespace: 'shop', pod: 'web-0' },
    remedy: plan.remedy,
    requesters: [...plan.requesters],
    place: plan.place,
    findings: [...plan.findings],
    findingsDigest: proposal.findingsDigest,
    title: given.title ?? 'registry.example has no tag 1.27.4 of shop/web',
    members: {},
    at: AT,
  };
  const decisions = (count: number, kind: 'approve' | 'deny' = 'approve') =>
    Array.from({ length: count }, (_, index): Decision => {
      const user = `U00000000${index}`;
      const said = { id: `decision-${index}`, planDigest: digest, by: { organisation: 'T0WORK', user }, at: AT, full: true, groups: [] };
      return kind === 'deny' ? { kind, ...said, reason: given.says ?? 'the release is frozen' } : { kind, ...said };
    });
  const mayApprove = { users: Array.from({ length: given.approvers ?? 2 }, (_, index) => `U00000001${index}`), groups: ['S000000000'] };
  const progress = {
    needed: Math.max(2, given.approvals ?? 2),
    discounted: [],
    expiresAt: Date.parse(AT) + 1_800_000,
    remindAt: Date.parse(AT) + 900_000,
    escalation: { users: ['U0LEAD'], groups: [] },
  };
  const sealed = { content: wish, signature: '' };
  const state = (standing: Standing, changes: Changes = {}): PlanState => ({
    standing,
    record: {
      id: plan.id,
      revision: 0,
      cluster: plan.cluster,
      incidentId: 'i',
      runId: 'r',
      createdAt: AT,
      wish: sealed,
      decisions: [],
      reminded: false,
      ...changes,
    },
  });
  const known = (count = given.approvals ?? 2) => ({ wish, proposal, digest, decisions: decisions(count) });
  // Cards do not look at what the status was computed from.
  const question = {} as Question;
  const deciding = (status: Status, count: number, changes?: Changes) =>
    state({ phase: 'deciding', ...known(count), status, question }, changes);
  const past = (changes: Changes, all = known()) => state({ phase: 'past', ...all }, changes);
  const says = given.says ?? 'Overtaken: Deployment web has changed since the plan was made. Nothing was done.';
  const applied = { status: 'applied' as const, at: AT, says: 'Deployment web was changed.', before: [] };
  const effect = (status: 'watching' | 'worked' | 'failed', pulled: number, text: string) => ({
    status,
    at: '2026-03-01T10:11:30.000Z',
    pods: plan.blast.restarts,
    pulled,
    says: text,
  });
  const { restarts } = plan.blast;
  const one = given.approvals === undefined ? 1 : given.approvals - 1;
  return {
    making: state({ phase: 'making', wish }),
    'cannot be done': state({ phase: 'refused', wish, says }, { closed: { as: 'refused', says, at: AT } }),
    waiting: deciding({ status: 'waiting', missing: progress.needed, mayApprove, approvals: [], ...progress }, 0),
    'waiting for one more': deciding({ status: 'waiting', missing: 1, mayApprove, approvals: decisions(one), ...progress }, one),
    reminded: deciding({ status: 'waiting', missing: 1, mayApprove, approvals: decisions(one), ...progress }, one, { reminded: true }),
    approved: deciding({ status: 'approved', approvals: known().decisions, ...progress }, given.approvals ?? 2),
    'denied just now': deciding({ status: 'denied', decision: decisions(1, 'deny')[0] as Decision }, 0),
    acting: past({ execution: { status: 'acting', at: AT, before: [] } }),
    watching: past({ execution: applied, effect: effect('watching', 1, given.effect ?? '') }),
    fixed: past({
      execution: applied,
      effect: effect('worked', restarts, given.effect ?? `${restarts} pods have their images, seen after 90 s.`),
    }),
    'not fixed': past({
      execution: applied,
      effect: effect('failed', 1, given.effect ?? given.says ?? '2 new pods cannot pull registry.example/shop/web:1.27.3.'),
    }),
    unknown: past({ execution: { status: 'unknown', at: AT, says: given.says ?? 'The API server did not answer.' } }),
    'not carried out': past({ execution: { status: 'refused', at: AT, says } }),
    denied: past(
      { closed: { as: 'denied', says: given.says ?? 'the release is frozen', at: AT } },
      { ...known(), decisions: decisions(1, 'deny') },
    ),
    expired: past({ closed: { as: 'expired', says: 'Not enough people approved it in time.', at: AT } }),
    voided: past({ closed: { as: 'voided', says: given.says ?? 'A newer diagnosis has taken its place.', at: AT } }),
    unsigned: state({ phase: 'unsigned' }),
  };
}

/** What plans of tasks on a node have in common. */
const onNode = (): Partial<Plan> => ({ objects: [{ ...NODE }], blast: { restarts: 0, disruptionBudgets: [] }, watched: { kind: 'task' } });
const NODE = { apiVersion: 'v1', kind: 'Node', name: 'node-7', uid: 'uid-node-7', resourceVersion: '1', state: '0'.repeat(64) } as const;

/** The cards of tasks on nodes, by name: of a look, of a list of images, and of a pruning. */
export function taskStates(): Readonly<Record<string, PlanState>> {
  const image = 'registry.example/shop/web:1';
  const probe = planStates({
    plan: {
      ...onNode(),
      risk: 'low',
      remedy: { id: 'probe-node', node: 'node-7', look: 'probe', image },
      changes: [{ verb: 'create', object: 0, work: { kind: 'probe', image, container: 'app' } }],
      undo: 'Nothing is left to undo.',
      effect: `A pod that is root on node-7 by the runtime's socket looks at what a pull of ${image} needs, pulls nothing, and is removed.`,
    },
    effect: 'From the node, registry.example:443 does not answer (192.0.2.1: timeout).',
  });
  const images = planStates({
    plan: {
      ...onNode(),
      risk: 'low',
      remedy: { id: 'probe-node', node: 'node-7', look: 'images' },
      changes: [{ verb: 'create', object: 0, work: { kind: 'images' } }],
    },
    effect: '12 images of node-7 with 8.2 GB are used by no container. 3.1 GB of 40.0 GB are free.',
  });
  const prune = planStates({
    plan: {
      ...onNode(),
      risk: 'high',
      remedy: { id: 'prune-images', node: 'node-7', listing: 'p0123456789' },
      changes: [{ verb: 'create', object: 0, work: { kind: 'prune', plan: planOf([planned(madeImage(1))]) } }],
      effect:
        'Removes up to 12 images from node-7 that no container uses, 8.2 GB at most, until 8.0 GB are free. Whoever needs one again pulls it again, from ghcr.io and quay.io.',
    },
    effect:
      '7 images of 12 were removed from node-7. 8.4 GB are free, 5.3 GB more than before. Kept: registry.example/a:1: container a is made from it.',
  });
  const of = (name: string, states: Readonly<Record<string, PlanState>>, wanted: readonly string[]) =>
    wanted.flatMap((state) => (states[state] ? [[`${name}: ${state}`, states[state]] as const] : []));
  return Object.fromEntries([
    ...of('probe', probe, ['waiting', 'acting', 'fixed', 'not fixed', 'cannot be done']),
    ...of('list of images', images, ['fixed']),
    ...of('pruning', prune, ['waiting', 'watching', 'fixed', 'not fixed']),
  ]);
}

/** The thread of an incident whose newest run has a plan in this state; the card is its first message. */
export function planThread(
  plan: PlanState | undefined,
  given: Given & Pick<CardOptions, 'offered'> & Partial<Pick<Incident, 'life'>> = {},
): readonly Message[] {
  const { title = 'registry.example has no tag 1.27.4 of shop/web' } = given;
  const run = concludedRun({ id: 'r' }, 'tag-not-found');
  const { conclusion } = run;
  const titled = conclusion ? { ...run, conclusion: { ...conclusion, title } } : run;
  const incident = incidentObject({ id: 'i', cluster: given.cluster ?? 'prod', ...(given.life === undefined ? {} : { life: given.life }) });
  return threadFor(incident, [titled], { runbook, total: 1, plan, offered: given.offered });
}

/** The window to review or deny a plan. */
export function reviewWindow(opens: 'approve' | 'deny', given: Given = {}): ReturnType<typeof planReviewView> {
  const { record, standing } = planStates(given)['waiting'] ?? {};
  if (record === undefined || standing?.phase !== 'deciding') throw new Error('nobody decides');
  const content = { planId: record.id, digest: standing.digest, user: 'U0BOB', window: '0'.repeat(32), opens, until: AT };
  const review: Review = {
    status: 'open',
    record,
    standing,
    ticket: { content, signature: 'A'.repeat(88) },
    needsReason: opens === 'deny',
  };
  return planReviewView(review);
}

/** The window to choose a tag. */
export function choiceWindow(tags: readonly string[]): ReturnType<typeof planChoiceView> {
  const context = { incident: 'i', remedy: 'set-image' as const, channel: 'C1', digests: {} };
  const choices = tags.map((tag) => ({ tag, digest: `sha256:${sha256(tag)}`, because: 'differs in one letter' }));
  return planChoiceView(context, { choices, image: 'registry.example/shop/web:1.27.4' });
}

const words = (text: readonly Inline[]) =>
  text
    .map((part) => (typeof part === 'string' ? part : part.kind === 'time' ? 'Today 12:04 PM' : 'text' in part ? part.text : part.id))
    .join('');

/** A message as lines, one for each piece. */
export function shownPieces({ pieces }: Pick<Message, 'pieces'>): readonly string[] {
  return pieces.map((piece: Piece) => {
    if (piece.kind === 'headline') return `(${piece.mark}) ${piece.text}`;
    if (piece.kind === 'buttons') return `[${[...piece.buttons, ...piece.menu].map(({ label }) => label).join('] [')}]`;
    if (piece.kind === 'quote') return `> ${piece.text}`;
    return 'text' in piece && typeof piece.text !== 'string' ? words(piece.text) : piece.kind;
  });
}

/** A window as lines: its blocks, and what it can be sent off with. */
function shownWindow(view: ReturnType<typeof planReviewView> | ReturnType<typeof planChoiceView>): readonly string[] {
  const texts = view.blocks.map((block) =>
    [...JSON.stringify(block).matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text).join(' | '),
  );
  const submit = 'submit' in view && view.submit ? `[${view.submit.text}] ` : '';
  return [`= ${view.title.text}`, ...texts, `${submit}[${view.close.text}]`];
}

/** All of it as one text, for people to look at: the file that a test compares it with is written by `npm run cases`. */
export function planCardsText(): string {
  const cards = Object.entries({ ...planStates(), ...taskStates() }).map(([name, state]) => {
    const [card, ...thread] = planThread(state).filter(({ key }) => !/^(evidence|commands)\./.test(key));
    const replies = thread.map((message) => `  thread: ${shownPieces(message).join(' / ')}`);
    return [`## ${name}`, ...(card ? shownPieces(card) : []), ...replies].join('\n');
  });
  const barred = {
    offers: [],
    barred: 'Nobody may approve set-image in shop on cluster prod at medium risk: add a rule for it to approvals.yaml.',
  };
  const [nobody] = planThread(undefined, { offered: barred });
  const windows = [reviewWindow('approve'), reviewWindow('deny'), choiceWindow(['1.27.3', '1.27.5']), choiceWindow([])];
  return `${[
    ...cards,
    ['## nobody may approve it', ...(nobody ? shownPieces(nobody) : [])].join('\n'),
    ...windows.map((view) => shownWindow(view).join('\n')),
  ].join('\n\n')}\n`;
}
