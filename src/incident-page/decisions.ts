import type { Decision } from '../approval/decision.ts';
import { shortDigest } from '../approval/plan.ts';
import { remedyTitle } from '../approval/remedy-words.ts';
import type { Status } from '../approval/status.ts';
import { redact } from '../facts/redaction.ts';
import type { ShownPlan } from '../report/card/plan-card.ts';
import { count, sentence } from '../text/wording.ts';
import type { Block, Words } from './blocks.ts';
import type { Dossier } from './dossier.ts';

/** Each plan with where it stands, and who decided what and why. */
export function decisionBlocks({ plans, isAllPlans }: Dossier): readonly Block[] {
  const known = plans.filter(({ standing }) => standing.phase !== 'unsigned');
  const unsigned = plans.length - known.length;
  const decided = known.flatMap(({ standing }) =>
    'decisions' in standing ? standing.decisions.map((decision) => decisionRow(decision, standing.digest)) : [],
  );
  return [
    known.length === 0
      ? { kind: 'paragraph', text: ['No plan was made here.'] }
      : { kind: 'table', head: ['Plan', 'What', 'Asked by', 'Status'], rows: known.map(planRow) },
    ...(decided.length === 0 ? [] : [{ kind: 'table', head: ['Plan', 'Who', 'Decision', 'When', 'Reason'], rows: decided } as const]),
    ...(unsigned === 0
      ? []
      : [
          {
            kind: 'paragraph',
            text: [
              `${count(unsigned, 'plan')} without a signature of this program ${unsigned === 1 ? 'counts' : 'count'} for nothing and ${unsigned === 1 ? 'is' : 'are'} left out.`,
            ],
          } as const,
        ]),
    ...(isAllPlans ? [] : [{ kind: 'paragraph', text: ['Older plans of this cluster were not looked through.'] } as const]),
  ];
}

function planRow({ record, standing }: ShownPlan): readonly Words[] {
  if (standing.phase === 'unsigned') return [];
  const digest = 'digest' in standing ? shortDigest(standing.digest) : '–';
  const [first] = standing.wish.requesters;
  return [
    [{ kind: 'code', text: digest }],
    [remedyTitle(standing.wish.remedy)],
    [first === undefined ? 'nobody, by configuration' : { kind: 'mention', id: first.person.user }],
    [statusWords({ record, standing })],
  ];
}

function statusWords({ record: { closed, execution, effect }, standing }: ShownPlan): string {
  if (effect !== undefined && effect.status !== 'watching')
    return `${effect.status === 'worked' ? 'carried out, worked' : 'carried out, did not work'}. ${sentence(effect.says)}`;
  if (execution !== undefined)
    return {
      acting: 'being carried out',
      refused: 'not carried out',
      unknown: 'may or may not have been carried out',
      applied: 'carried out, its effect is watched',
    }[execution.status];
  if (closed !== undefined) return `${closed.as}. ${sentence(closed.says)}`;
  if (standing.phase === 'making') return 'being made';
  return standing.phase === 'deciding' ? waitingWords(standing.status) : 'ended';
}

function waitingWords(status: Status): string {
  switch (status.status) {
    case 'waiting':
      return `waiting, ${status.needed - status.missing} of ${count(status.needed, 'approval')}`;
    case 'approved':
      return 'approved, about to be carried out';
    case 'denied':
      return 'denied';
    case 'expired':
      return 'expired';
    case 'voided':
      return `voided. ${sentence(status.because)}`;
    default:
      return status satisfies never;
  }
}

function decisionRow({ by, kind, at, reason }: Decision, digest: string): readonly Words[] {
  return [
    [{ kind: 'code', text: shortDigest(digest) }],
    [{ kind: 'mention', id: by.user }],
    [kind === 'approve' ? 'approved' : 'denied'],
    [{ kind: 'time', at }],
    [reason === undefined ? '–' : redact(reason)],
  ];
}
