import type { Incident } from '../incident/incident.ts';
import type { Inline, Message, Piece, StepMark } from '../incident/message.ts';
import type { Command } from '../remediation/command.ts';
import { type Run, type StepState, stateOf } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { count, duration, shortened } from '../text/wording.ts';
import { effectOf } from './command-groups.ts';
import { detailsOf } from './details.ts';
import { overviewRows } from './overview.ts';
import { plainText } from './plain-text.ts';
import { leadFailure, type Report, reportOf } from './report.ts';

/** What a card is made with besides incident and run. */
export interface CardParts {
  readonly runbook: Runbook;
  /** How many runs the incident has had, those among them that are not looked at any more. */
  readonly total: number;
}

/** What people should see of an incident now: one card about the last of some runs, its newest, and below it the details of each finished one. */
export function threadFor(incident: Incident, runs: readonly Run[], given: CardParts): readonly Message[] {
  const newest = runs.at(-1);
  if (!newest) return [];
  const finished = runs.filter((run) => run.conclusion !== undefined);
  return [cardOf(incident, newest, given), ...finished.map((run) => message(`details.${run.id}`, true, detailsOf(reportOf(run, NONE))))];
}

/** Characters of the one line of context that the card has. */
const MOST_ALSO = 300;
/** The card does not tell requests. */
const NONE = { kubernetes: 0, registry: 0 };

function cardOf(incident: Incident, run: Run, given: CardParts): Message {
  return message('card', false, run.conclusion ? finishedCard(incident, run, given) : runningCard(incident, run, given.runbook));
}

function message(key: string, inThread: boolean, pieces: readonly Piece[]): Message {
  return { key, inThread, pieces, text: plainText(pieces) };
}

function runningCard(incident: Incident, run: Run, runbook: Runbook): readonly Piece[] {
  const { namespace, pod } = run.target;
  return [
    { kind: 'headline', mark: 'running', text: `Looking into ${namespace}/${pod}` },
    { kind: 'steps', steps: stepsOf(run, runbook) },
    { kind: 'note', text: [`cluster ${incident.cluster} · asked `, { kind: 'time', at: run.startedAt }] },
  ];
}

function finishedCard(incident: Incident, run: Run, { runbook, total }: CardParts): readonly Piece[] {
  const report = reportOf(run, NONE);
  const rows = factsOf(report);
  const fixes = report.remediation.map((fix, at) => `${at + 1}. ${fix.title}${markOfEffect(fix.commands)}`);
  return [
    { kind: 'headline', mark: markOf(report), text: report.title },
    { kind: 'text', text: placeOf(report) },
    ...(rows.length > 0 ? [{ kind: 'facts', rows } as const] : []),
    ...(fixes.length > 0 ? [{ kind: 'facts', rows: [['What to do', [fixes.join('\n')]]] } as const] : []),
    { kind: 'steps', steps: stepsOf(run, runbook) },
    {
      kind: 'buttons',
      buttons: [
        { action: 'rerun', label: 'Run again', incidentId: incident.id },
        { action: 'raw', label: 'Show raw', incidentId: incident.id },
      ],
    },
    { kind: 'note', text: footOf(incident, run, { report, total }) },
  ];
}

/** Whether the commands of a fix, which are in the thread, change anything. */
function markOfEffect(commands: readonly Command[]): string {
  const effect = effectOf(commands);
  return effect === '' ? '' : ` (${effect})`;
}

function markOf(report: Report): 'wrong' | 'fine' | 'unsure' {
  const { cause, confidence } = report.verdict;
  if (cause === null) return report.target.otherTrouble ? 'unsure' : 'fine';
  return cause === 'undetermined' || confidence === 'possible' ? 'unsure' : 'wrong';
}

function placeOf(report: Report): readonly Inline[] {
  const { verdict, target } = report;
  const cause: readonly Inline[] =
    verdict.cause === null ? [] : [{ kind: 'strong', text: `${verdict.confidence}: ` }, { kind: 'code', text: verdict.cause }, ' · '];
  const parts = [
    `${target.namespace}/${target.pod}`,
    ...(report.container === null ? [] : [`container ${report.container}`]),
    target.node ? `node ${target.node}` : 'no node',
    ...(target.workload ? [`${target.workload.kind} ${target.workload.name}`] : []),
  ];
  return [...cause, parts.join(' · ')];
}

function factsOf(report: Report): readonly (readonly [string, readonly Inline[]])[] {
  const since = leadFailure(report)?.since;
  // The first is the most telling: the nearest tags, the newest change. The rest is in the thread.
  const [also] = report.verdict.context;
  const rows = also === undefined ? overviewRows(report) : [...overviewRows(report), ['Also', shortened(also, MOST_ALSO)] as const];
  return rows.map(([label, text]) => [
    label,
    label === 'Since' && since
      ? [{ kind: 'time', at: since }, ` (${duration(Math.max(0, Date.parse(report.at) - Date.parse(since)))} before this run)`]
      : [text],
  ]);
}

function footOf(incident: Incident, run: Run, { report, total }: { readonly report: Report; readonly total: number }): readonly Inline[] {
  const open = report.verdict.unanswered.length + report.shortfalls.length;
  const unchecked = open === 0 ? '' : ` · ${count(open, 'thing')} could not be checked`;
  const runs = total > 1 ? ` · run ${total}` : '';
  return [
    `cluster ${incident.cluster} · looked at `,
    { kind: 'time', at: run.startedAt },
    `${runs}${unchecked} · evidence and commands in the thread`,
  ];
}

function stepsOf(run: Run, runbook: Runbook): Extract<Piece, { kind: 'steps' }>['steps'] {
  return runbook.steps.map((step) => {
    const [mark, note] = stepNote(stateOf(run, step.id));
    return { mark, title: step.title, ...(note === undefined ? {} : { note }) };
  });
}

function stepNote(state: StepState): readonly [mark: StepMark, note: string | undefined] {
  switch (state.status) {
    case 'pending':
      return ['waiting', undefined];
    case 'started':
      return ['running', state.attempt > 1 ? `attempt ${state.attempt}` : undefined];
    case 'done':
      return ['done', state.durationMs < 1000 ? `${state.durationMs} ms` : duration(state.durationMs)];
    case 'skipped':
      return ['skipped', `not needed, ${state.because}`];
    case 'failed':
      return ['failed', state.because.split('\n', 1)[0]];
    default:
      return state satisfies never;
  }
}
