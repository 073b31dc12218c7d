import type { Decision } from '../approval/decision.ts';
import { shortDigest } from '../approval/plan.ts';
import { remedyTitle } from '../approval/remedy-words.ts';
import { redact } from '../facts/redaction.ts';
import { causeWords } from '../incident/correction.ts';
import type { Inline } from '../incident/message.ts';
import type { ShownPlan } from '../report/card/plan-card.ts';
import type { Run, Trigger } from '../runbook/run.ts';
import { sentence } from '../text/wording.ts';
import type { Dossier } from './dossier.ts';
import { endOf } from './recovery.ts';

/** What kind of thing happened; each is marked by a word and not by colour alone. */
export type Happening = 'failing' | 'opened' | 'finding' | 'verdict' | 'people' | 'decision' | 'change' | 'ended';

/** One line of the story of an incident. */
export interface TimelineEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly what: Happening;
  readonly text: readonly Inline[];
  /** What somebody said, or a program answered, word for word. */
  readonly quote?: string;
}

/** Findings of the verdict that are told in the story; all stand in the evidence. */
const MAX_FINDINGS = 8;

/** What is known of how it went, the oldest first. Of one moment the order is: what was seen, what was said, what was done. */
export function timelineOf(dossier: Dossier): readonly TimelineEntry[] {
  const entries = [
    ...beginning(dossier),
    ...findings(dossier),
    ...dossier.runs.map((run, at) => runEntry(run, dossier.runsLeftOut + at + 1)),
    ...verdict(dossier),
    ...people(dossier),
    ...dossier.plans.flatMap(planEntries),
    ...ending(dossier),
  ];
  return entries.filter(({ at }) => !Number.isNaN(Date.parse(at))).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function mention(id: string): Inline {
  return { kind: 'mention', id };
}

function beginning({ incident }: Dossier): readonly TimelineEntry[] {
  const { since, openedAt, trigger } = incident;
  return [
    ...(since === undefined ? [] : [{ at: since, what: 'failing', text: ['First failed pull that the cluster told of'] } as const]),
    { at: openedAt, what: 'opened', text: ['Incident opened: ', ...triggerWords(trigger)] },
  ];
}

function triggerWords(trigger: Trigger | undefined): readonly Inline[] {
  if (trigger === undefined) return ['somebody asked'];
  switch (trigger.kind) {
    case 'cli':
      return ['somebody asked on the command line'];
    case 'alert':
      return [`an alert of ${trigger.source} came in`];
    case 'watch':
      return ['the watch saw pods that cannot pull'];
    case 'rerun':
      return [mention(trigger.user), ' asked for another run'];
    default:
      return [mention(trigger.user), ' asked'];
  }
}

/** What speaks for the newest verdict, at the first time at which it was seen. */
function findings({ runs }: Dossier): readonly TimelineEntry[] {
  const run = runs.findLast(({ conclusion }) => conclusion !== undefined);
  const wanted = new Set(run?.conclusion?.verdict.because ?? []);
  const telling = (run?.findings ?? []).filter((finding) => wanted.delete(finding.says));
  return telling.slice(0, MAX_FINDINGS).flatMap(({ says, evidence }): readonly TimelineEntry[] => {
    const [first] = evidence.map(({ observedAt }) => observedAt).sort((a, b) => Date.parse(a) - Date.parse(b));
    return first === undefined ? [] : [{ at: first, what: 'finding', text: [sentence(says)] }];
  });
}

function runEntry(run: Run, nth: number): TimelineEntry {
  const text: readonly Inline[] = nth === 1 ? ['Diagnosis began'] : [`Run ${nth} of the diagnosis began: `, ...triggerWords(run.trigger)];
  const came = run.conclusion === undefined ? [', and has not ended'] : [`; it came to: ${sentence(run.conclusion.title)}`];
  return { at: run.startedAt, what: 'verdict', text: nth === 1 && run.conclusion !== undefined ? text : [...text, ...came] };
}

/** When the newest verdict was reached is the one time of a verdict that is kept. */
function verdict({ incident: { outcome } }: Dossier): readonly TimelineEntry[] {
  if (outcome === undefined) return [];
  const sure = outcome.cause === null ? '' : ` (${outcome.cause}, ${outcome.confidence})`;
  return [{ at: outcome.at, what: 'verdict', text: ['Verdict: ', { kind: 'strong', text: outcome.title }, sure] }];
}

function people({ incident: { care, disputed } }: Dossier): readonly TimelineEntry[] {
  return [
    ...(care === undefined ? [] : [{ at: care.since, what: 'people', text: [mention(care.by), ' takes care of it'] } as const]),
    ...(disputed === undefined
      ? []
      : [
          {
            at: disputed.at,
            what: 'people',
            text: [mention(disputed.by), ` says that the verdict should be: ${causeWords(disputed.said)}`],
          } as const,
        ]),
  ];
}

function planEntries({ record, standing }: ShownPlan): readonly TimelineEntry[] {
  if (standing.phase === 'unsigned') return [];
  const { wish } = standing;
  const [first] = wish.requesters;
  const title = remedyTitle(wish.remedy);
  const asked: TimelineEntry = {
    at: wish.at,
    what: 'decision',
    text: [...(first === undefined ? ['By configuration, without anybody asking'] : [mention(first.person.user), ' asked']), `: ${title}`],
  };
  if (standing.phase === 'making') return [asked];
  if (standing.phase === 'refused') return [asked, ...closedEntry(record, `“${title}”`)];
  const { proposal, digest, decisions } = standing;
  const called = shortDigest(digest);
  return [
    asked,
    { at: proposal.plan.proposedAt, what: 'decision', text: [`Proposed as plan ${called}: ${title}`] },
    ...decisions.map((decision) => decisionEntry(decision, called)),
    ...closedEntry(record, `Plan ${called}`),
    ...changeEntries(record, called),
  ];
}

function decisionEntry({ at, kind, by, reason }: Decision, called: string): TimelineEntry {
  const text = [mention(by.user), ` ${kind === 'approve' ? 'approved' : 'denied'} plan ${called}`];
  return { at, what: 'decision', text, ...(reason === undefined ? {} : { quote: redact(reason) }) };
}

const CLOSED = { refused: 'cannot be done', denied: 'was denied', expired: 'expired', voided: 'holds no longer' } as const;

function closedEntry({ closed }: ShownPlan['record'], called: string): readonly TimelineEntry[] {
  return closed === undefined
    ? []
    : [{ at: closed.at, what: 'decision', text: [`${called} ${CLOSED[closed.as]}: ${sentence(closed.says)}`] }];
}

function changeEntries({ execution, effect }: ShownPlan['record'], called: string): readonly TimelineEntry[] {
  if (execution === undefined) return [];
  const done: readonly TimelineEntry[] = [{ at: execution.at, what: 'change', text: [executionWords(execution, called)] }];
  if (effect === undefined || effect.status === 'watching') return done;
  const worked = effect.status === 'worked' ? 'worked' : 'did not work';
  return [...done, { at: effect.at, what: 'change', text: [`Plan ${called} ${worked}: ${sentence(effect.says)}`] }];
}

function executionWords(execution: NonNullable<ShownPlan['record']['execution']>, called: string): string {
  switch (execution.status) {
    case 'acting':
      return `Began to carry out plan ${called}`;
    case 'refused':
      return `Plan ${called} was not carried out: ${sentence(execution.says)}`;
    case 'unknown':
      return `Plan ${called} may or may not have been carried out: ${sentence(execution.says)}`;
    case 'applied':
      return `Carried out plan ${called}: ${sentence(execution.says)}`;
    default:
      return execution satisfies never;
  }
}

function ending(dossier: Dossier): readonly TimelineEntry[] {
  const { life } = dossier.incident;
  if (life.status === 'open') return [];
  if (life.status === 'reopened')
    return [
      ...(life.resolvedAt === undefined ? [] : [{ at: life.resolvedAt, what: 'ended', text: ['Incident ended'] } as const]),
      { at: life.at, what: 'opened', text: ['Incident opened again: the same came back'] },
    ];
  const end = endOf(dossier);
  const how = end
    ? `Incident ended. ${end}`
    : life.by.kind === 'run'
      ? 'Incident ended: a run found every image there'
      : 'Incident ended: its pod has an incident of its own';
  return [{ at: life.at, what: 'ended', text: [how] }];
}
