import type { Decision } from '../../approval/decision.ts';
import { type Plan, shortDigest } from '../../approval/plan.ts';
import type { KnownPlan, PlanRecord, Standing } from '../../approval/plan-record.ts';
import type { People } from '../../approval/policy.ts';
import { remedyAction, remedyTitle } from '../../approval/remedy-words.ts';
import type { Status } from '../../approval/status.ts';
import { isUnasked } from '../../approval/wish.ts';
import type { Incident } from '../../incident/incident.ts';
import type { Button, Inline, MenuEntry, Message, Piece } from '../../incident/message.ts';
import { nextOf } from '../../remedies/offers.ts';
import { count, duration, shortened } from '../../text/wording.ts';
import { plainText } from '../plain-text.ts';
import { shortenedToLines } from './phone-lines.ts';

/** The plan of an incident's newest run, and where it stands. */
export interface ShownPlan {
  readonly record: PlanRecord;
  readonly standing: Standing;
}

/** Of everything that may be long a card has room for this much; the thread and the window have it whole. */
const MAX_TITLE = 80;
const MAX_ENDED_TITLE = 68;
const MAX_CLUSTER = 24;
/** Lines on a phone of what is wrong, of what became of it, and of what it would do. */
const LINES = { cause: 2, says: 2, blast: 2 } as const;
/** More people than these are counted. */
const MOST = { approved: 2, mayApprove: 3, inThread: 5 } as const;

/**
 * The card of an incident while people decide about a plan, while it is carried out, and once it has helped or not; undefined where the plan
 * ended before anything was done: then the card is that of the verdict.
 */
export function planCard(incident: Incident, { record, standing }: ShownPlan, menu: readonly MenuEntry[]): readonly Piece[] | undefined {
  const foot = (...more: readonly Inline[]): Piece => ({ kind: 'note', text: [shortened(incident.cluster, MAX_CLUSTER), ...more] });
  const menuPiece: readonly Piece[] = menu.length === 0 ? [] : [{ kind: 'buttons', buttons: [], menu }];
  if (standing.phase === 'unsigned' || standing.phase === 'refused' || isUnasked(standing.wish)) return undefined;
  if (standing.phase === 'making') {
    const text = `Planning: ${remedyTitle(standing.wish.remedy)}`;
    return [{ kind: 'headline', mark: 'running', text: shortened(text, MAX_TITLE) }, causePiece(standing.wish.title), ...menuPiece, foot()];
  }
  if (standing.phase === 'deciding') {
    if (standing.status.status === 'waiting') return waitingCard(standing, standing.status, menu, foot);
    if (standing.status.status === 'approved')
      return [
        headline('running', standing, 'is approved and about to be carried out'),
        causePiece(standing.wish.title),
        decided(standing),
        ...menuPiece,
        foot(...planMark(standing)),
      ];
    return undefined;
  }
  const { execution, effect } = record;
  if (execution === undefined || execution.status === 'refused') return undefined;
  const mark = planMark(standing);
  switch (execution.status) {
    case 'acting':
      return [
        headline('running', standing, 'is being carried out'),
        causePiece(standing.wish.title),
        decided(standing),
        ...menuPiece,
        foot(...mark),
      ];
    case 'unknown':
      return [
        headline('unsure', standing, 'may or may not have been carried out'),
        { kind: 'text', text: [shortenedToLines(execution.says, 'section', LINES.says)] },
        decided(standing),
        ...menuPiece,
        foot(...mark),
      ];
    case 'applied':
      if (effect === undefined || effect.status === 'watching')
        return [
          { kind: 'headline', mark: 'running', text: shortened(remedyTitle(standing.proposal.plan.remedy), MAX_TITLE) },
          { kind: 'text', text: ['Carried out ', time(execution.at), ` · ${progressWords(effect, standing.proposal.plan)}`] },
          decided(standing),
          ...menuPiece,
          foot(...mark),
        ];
      if (isLook(standing.proposal.plan)) return undefined;
      return [
        endHeadline(record, standing),
        ...(effect.status === 'failed' || standing.proposal.plan.watched.kind === 'task'
          ? [{ kind: 'text', text: [shortenedToLines(effect.says, 'section', LINES.says)] } as const]
          : []),
        causePiece(standing.wish.title, 'It was: '),
        decided(standing),
        ...undoPiece(undoOf(incident, { record, standing }), menu),
        foot(...mark, ' · ', time(effect.at)),
      ];
    default:
      return execution satisfies never;
  }
}

/** What became of a plan that nothing was done of, for the card of the verdict; undefined where there is nothing to say. The thread has it whole. */
export function endedPlanWords({ record, standing }: ShownPlan): string | undefined {
  const title = 'wish' in standing ? shortened(remedyAction(standing.wish.remedy), MAX_ENDED_TITLE) : 'The plan';
  const { closed, execution, effect } = record;
  if (standing.phase === 'unsigned') return 'A plan that is kept is not signed by this program and counts for nothing.';
  if (execution?.status === 'refused') return `${title}: ${execution.says}`;
  if (isUnasked(standing.wish) && (effect === undefined || effect.status === 'watching') && closed === undefined) return undefined;
  if (standing.phase === 'past' && isLook(standing.proposal.plan) && effect !== undefined)
    return effect.status === 'worked' ? effect.says : `${title}: ${effect.says}`;
  if (closed === undefined) return standing.phase === 'deciding' ? `${title}: ${overWords(standing.status)}` : undefined;
  const how = { refused: 'cannot be done', denied: 'was denied', expired: 'has expired', voided: 'holds no longer' }[closed.as];
  return `${title} ${how}: ${closed.says}`;
}

function overWords(status: Status): string {
  if (status.status === 'voided') return status.because;
  return status.status === 'denied' ? 'it was denied.' : 'it has expired.';
}

type Foot = (...more: readonly Inline[]) => Piece;

function waitingCard(
  standing: KnownPlan,
  { needed, missing, mayApprove, expiresAt, approvals }: Extract<Status, { readonly status: 'waiting' }>,
  menu: readonly MenuEntry[],
  foot: Foot,
): readonly Piece[] {
  const { plan } = standing.proposal;
  const has = needed - missing;
  const about = { kind: 'plan', id: `${plan.id}/${standing.digest}` } as const;
  const buttons: readonly Button[] = [
    { action: 'review', label: 'Review …', about, style: 'primary' },
    { action: 'deny', label: 'Deny …', about, style: 'danger' },
  ];
  return [
    headline('deciding', standing, `needs ${count(needed, 'approval')}, has ${has}`),
    causePiece(standing.wish.title),
    { kind: 'note', text: [shortenedToLines(blastWords(standing), 'context', LINES.blast)] },
    {
      kind: 'note',
      text: [
        ...askedWords(standing),
        ...approvedWords(approvals, ' · ✓ '),
        ' · may approve: ',
        ...peopleWords(mayApprove, MOST.mayApprove),
        ' · expires ',
        time(new Date(expiresAt).toISOString()),
      ],
    },
    { kind: 'buttons', buttons, menu },
    foot(...planMark(standing)),
  ];
}

/** How many pods restart, what protects the rest, and how to undo it; of a task on a node what it does there. */
function blastWords({ proposal: { plan } }: KnownPlan): string {
  if (plan.watched.kind === 'task') return `${plan.risk} risk · ${plan.effect}`;
  const { restarts, replicasLeft, disruptionBudgets } = plan.blast;
  return [
    restarts === 0 ? 'no pod restarts' : `${count(restarts, 'pod')} ${restarts === 1 ? 'restarts' : 'restart'}`,
    ...(replicasLeft === undefined ? [] : [`${replicasLeft} stay ready`]),
    ...(disruptionBudgets.length === 0 ? [] : [`disruption budget ${disruptionBudgets.slice(0, 3).join(', ')}`]),
    `${plan.risk} risk`,
    ...(plan.undo === undefined ? [] : [`undo: ${plan.undo}`]),
  ].join(' · ');
}

function headline(mark: 'running' | 'deciding' | 'unsure', { proposal }: KnownPlan, rest: string): Piece {
  return { kind: 'headline', mark, text: `${shortened(remedyTitle(proposal.plan.remedy), MAX_TITLE)} ${rest}` };
}

function endHeadline({ effect, execution }: PlanRecord, { proposal: { plan } }: KnownPlan): Piece {
  const worked = effect?.status === 'worked';
  const lasted = duration(Math.max(0, Date.parse(effect?.at ?? '') - Date.parse(execution?.at ?? '')));
  const isCounted = countsPods(effect, plan);
  if (worked && !isCounted) return { kind: 'headline', mark: 'fine', text: `Done: ${shortened(remedyTitle(plan.remedy), MAX_TITLE)}` };
  if (!isCounted) return { kind: 'headline', mark: 'wrong', text: `Not fixed: ${shortened(remedyTitle(plan.remedy), MAX_ENDED_TITLE)}` };
  const pods = `${effect?.pulled ?? 0} of ${count(effect?.pods ?? 0, 'pod')}`;
  const have = effect?.pods === 1 ? 'has its images' : 'have their images';
  return worked
    ? {
        kind: 'headline',
        mark: 'fine',
        text: `Fixed: ${pods} ${have} ${lasted} after: ${shortened(remedyTitle(plan.remedy), MAX_ENDED_TITLE)}`,
      }
    : {
        kind: 'headline',
        mark: 'wrong',
        text: `Not fixed: ${pods} ${have} after: ${shortened(remedyTitle(plan.remedy), MAX_ENDED_TITLE)}`,
      };
}

/** Whether what came of a plan is told by pods that have their images. */
function countsPods(effect: PlanRecord['effect'], { watched }: Plan): boolean {
  return watched.kind !== 'nothing' && (effect?.pods ?? 0) > 0;
}

/** Whether an incident ended at `endedAt` after a plan that no pod was seen to get its image by: it had failed, or does something else. */
export function endedWithout({ record: { execution, effect }, standing }: ShownPlan, endedAt: string): boolean {
  if (standing.phase !== 'past' || execution?.status !== 'applied' || effect === undefined || effect.status === 'watching') return false;
  return Date.parse(effect.at) < Date.parse(endedAt) && (effect.status === 'failed' || !countsPods(effect, standing.proposal.plan));
}

/** The button that takes back what a plan has done, or goes on from there; a plan of its own. */
export function undoOf(incident: Incident, { standing }: ShownPlan): readonly Button[] {
  const undo = standing.phase === 'past' ? nextOf(standing.proposal.plan) : undefined;
  return undo === undefined ? [] : [{ action: 'propose', label: undo.label, about: { kind: 'remedy', id: `${incident.id}/${undo.id}` } }];
}

function causePiece(title: string, before = 'For: '): Piece {
  return { kind: 'text', text: [shortenedToLines(`${before}${title}`, 'section', LINES.cause)] };
}

function decided(standing: KnownPlan): Piece {
  const approved = standing.decisions.filter(({ kind }) => kind === 'approve');
  return { kind: 'note', text: [...askedWords(standing), ...approvedWords(approved, ' · approved ')] };
}

/** Each with a mark before them; the thread has all, with when. */
function approvedWords(approvals: readonly Decision[], mark: string): readonly Inline[] {
  const more = approvals.length - MOST.approved;
  const shown = approvals.slice(0, MOST.approved).flatMap((one): readonly Inline[] => [mark, mention(one)]);
  return more > 0 ? [...shown, ` and ${more} more`] : shown;
}

function askedWords({ proposal: { plan } }: KnownPlan): readonly Inline[] {
  const [first] = plan.requesters;
  return first === undefined ? ['asked by nobody'] : ['asked by ', { kind: 'mention', id: first.person.user }];
}

function mention({ by }: Decision): Inline {
  return { kind: 'mention', id: by.user };
}

function peopleWords({ users, groups }: People, most: number = MOST.inThread): readonly Inline[] {
  const ids = [...groups, ...users];
  const shown = ids.slice(0, most).flatMap((id, at): readonly Inline[] => [at === 0 ? '' : ' ', { kind: 'mention', id }]);
  return ids.length > most ? [...shown, ` and ${ids.length - most} more`] : shown;
}

function planMark({ digest }: KnownPlan): readonly Inline[] {
  return [` · plan ${shortDigest(digest)}`];
}

/** Whether a plan only looked: then the card is that of the verdict, which it may have changed, and of how it goes on. */
export function isLookOnly({ standing }: ShownPlan): boolean {
  return standing.phase === 'past' && isLook(standing.proposal.plan);
}

function isLook({ remedy }: Plan): boolean {
  return remedy.id === 'probe-node';
}

function progressWords(effect: PlanRecord['effect'], { watched, objects: [node] }: Plan): string {
  if (watched.kind === 'task' && (effect === undefined || effect.says === '')) return `its pod is at work on ${node?.name ?? 'the node'}`;
  if (watched.kind === 'task') return shortenedToLines(effect?.says ?? '', 'section', LINES.says);
  return effect === undefined ? 'watching what comes of it' : `${effect.pulled} of ${count(effect.pods, 'pod')} have pulled`;
}

function time(at: string): Inline {
  return { kind: 'time', at, precision: 'minute' };
}

function undoPiece(buttons: readonly Button[], menu: readonly MenuEntry[]): readonly Piece[] {
  return buttons.length + menu.length === 0 ? [] : [{ kind: 'buttons', buttons, menu }];
}

/** What the thread keeps of a plan: that it was made, each decision, and what came of it, a line each. */
export function planReplies({ record, standing }: ShownPlan): readonly Message[] {
  if (standing.phase === 'unsigned' || standing.phase === 'making') return [];
  if (standing.phase === 'refused')
    return [reply(`outcome.${record.id}`, 'past', `${remedyTitle(standing.wish.remedy)} cannot be done`, [standing.says])];
  const { proposal, digest, decisions } = standing;
  const { plan } = proposal;
  const called = `plan ${shortDigest(digest)}`;
  const approvers = standing.phase === 'deciding' && standing.status.status === 'waiting' ? standing.status.mayApprove : undefined;
  return [
    ...(approvers === undefined
      ? []
      : [
          reply(`proposed.${plan.id}`, 'deciding', `${remedyTitle(plan.remedy)}: ${called}`, [
            ...askedWords(standing),
            ' · to decide: ',
            ...peopleWords(approvers),
            ...(plan.watched.kind === 'task' ? [` · ${plan.effect}`] : []),
          ]),
        ]),
    ...(record.reminded && standing.phase === 'deciding' && standing.status.status === 'waiting'
      ? [
          reply(`reminder.${plan.id}`, 'deciding', `Half of the time for ${called} is over`, [
            'To decide: ',
            ...peopleWords(standing.status.escalation),
          ]),
        ]
      : []),
    ...decisions.map((decision) => decisionReply(decision, called)),
    ...outcomeReply(record, standing, called),
  ];
}

function decisionReply({ id, kind, by, reason }: Decision, called: string): Message {
  const verb = kind === 'approve' ? 'approved' : 'denied';
  const pieces: readonly Piece[] = [
    { kind: 'text', text: [kind === 'approve' ? '✓ ' : '✗ ', { kind: 'mention', id: by.user }, ` ${verb} ${called}`] },
    ...(reason === undefined ? [] : [{ kind: 'quote', from: ['Reason'], text: reason } as const]),
  ];
  return { key: `decision.${id}`, inThread: true, pieces, text: plainText(pieces) };
}

function outcomeReply({ closed, execution, effect }: PlanRecord, { proposal: { plan } }: KnownPlan, called: string): readonly Message[] {
  const tell = plan.requesters.slice(0, 1).flatMap(({ person }): readonly Inline[] => [{ kind: 'mention', id: person.user }, ': ']);
  if (effect !== undefined && effect.status !== 'watching')
    return [
      reply(`outcome.${plan.id}`, effect.status === 'worked' ? 'fine' : 'wrong', `${called} ${endWordsOf(plan, effect.status)}`, [
        ...tell,
        effect.says,
      ]),
    ];
  if (execution !== undefined && (execution.status === 'refused' || execution.status === 'unknown')) {
    const became = execution.status === 'refused' ? 'was not carried out' : 'may or may not have been carried out';
    return [reply(`outcome.${plan.id}`, 'past', `${called} ${became}`, [...tell, execution.says])];
  }
  if (closed !== undefined) return [reply(`outcome.${plan.id}`, 'past', `${called} has ended`, [...tell, `${closed.as}: ${closed.says}`])];
  return [];
}

function endWordsOf({ remedy, watched }: Plan, status: 'worked' | 'failed'): string {
  if (remedy.id === 'probe-node') return status === 'worked' ? 'was carried out' : 'could not be carried out';
  if (watched.kind === 'nothing') return 'was carried out';
  return status === 'worked' ? 'has helped' : 'has not helped';
}

function reply(key: string, mark: 'deciding' | 'fine' | 'wrong' | 'past', title: string, text: readonly Inline[]): Message {
  const pieces: readonly Piece[] = [
    { kind: 'headline', mark, text: title },
    { kind: 'note', text },
  ];
  return { key, inThread: true, pieces, text: plainText(pieces) };
}
