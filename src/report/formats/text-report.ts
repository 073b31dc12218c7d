import type { Evidence } from '../../diagnosis/evidence.ts';

import type { Target } from '../../diagnosis/pod/target.ts';
import type { Command } from '../../remediation/command.ts';
import { printable } from '../../text/printable.ts';
import { commandGroups } from '../command-groups.ts';
import { distinctFindings, evidenceSource, isNewEvidence, MARKS } from '../evidence.ts';
import { clock, hanging, headline, type Paint, readableWidth } from '../layout.ts';
import { legendLine } from '../legend.ts';
import { openItems } from '../open-items.ts';
import { overviewRows } from '../overview.ts';
import { leadFailure, type Report } from '../report.ts';

const LABEL = 12;
const EVIDENCE_LENGTH = 1200;

/** A report for a terminal: the cause first, then how far it reaches, the evidence, what to do, and what nobody checked. */
export function textReport(given: Report, paint: Paint, width: number): string {
  const report = printable(given);
  const columns = readableWidth(width);
  return `${[
    ...heading(report, paint, columns),
    ...overview(report, paint, columns),
    ...evidence(report, paint, columns),
    ...otherFailures(report, paint, columns),
    ...whatToDo(report, paint, columns),
    ...notChecked(report, paint, columns),
    ...legend(report, paint, columns),
  ].join('\n')}\n`;
}

function heading(report: Report, paint: Paint, width: number): readonly string[] {
  const { verdict, target } = report;
  const mark = verdict.cause !== null ? paint.bad('✗') : target.otherTrouble ? paint.strong('–') : paint.good('✓');
  const kind =
    verdict.cause === null ? [] : [`  ${verdict.cause}, ${verdict.confidence}${verdict.family === null ? '' : ` (${verdict.family})`}`];
  return [...headline(mark, report.title, paint, width), ...kind, paint.faint(`  ${placeOf(report, target)}`), ''];
}

function placeOf(report: Report, target: Target): string {
  const image = leadFailure(report)?.image ?? target.images.find((candidate) => candidate.name === report.container);
  const parts = [`${target.namespace}/${target.pod}`];
  if (image) parts.push(image.kind === image.name ? image.kind : `${image.kind} ${image.name}`);
  parts.push(target.node ? `node ${target.node}` : 'no node');
  if (target.workload) parts.push(`${target.workload.kind} ${target.workload.name}`);
  return parts.join(', ');
}

function overview(report: Report, paint: Paint, width: number): readonly string[] {
  const lines = overviewRows(report).flatMap(([label, text]) =>
    hanging(`  ${label.padEnd(LABEL - 2)}  `, text, width).map((line, index) =>
      index === 0 ? line.replace(label, paint.faint(label)) : line,
    ),
  );
  return [...lines, ''];
}

function evidence(report: Report, paint: Paint, width: number): readonly string[] {
  if (report.verdict.cause === null) return [];
  const shown = new Set<string>();
  const lines = MARKS.flatMap(([mark, sentencesOf]) =>
    distinctFindings(report, sentencesOf(report)).flatMap((finding) => [
      ...hanging(`  ${mark} `, finding.says, width),
      ...finding.evidence
        .filter((item) => isNewEvidence(item, shown, finding))
        .flatMap((item) => evidenceLines(item, report, paint, width)),
    ]),
  );
  if (lines.length === 0) return [];
  return [paint.strong('Evidence'), ...lines, ''];
}

function evidenceLines(item: Evidence, report: Report, paint: Paint, width: number): readonly string[] {
  const times = item.times === undefined ? '' : `, seen ${item.times} times`;
  const text = item.text.length > EVIDENCE_LENGTH ? `${item.text.slice(0, EVIDENCE_LENGTH)} … (${item.text.length} characters)` : item.text;
  return [paint.faint(`    ${evidenceSource(item, report)}, ${clock(item.observedAt)}${times}:`), ...hanging('    | ', text, width)];
}

function otherFailures(report: Report, paint: Paint, width: number): readonly string[] {
  const others = report.failures.filter((failure) => failure.container !== report.container);
  if (others.length === 0) return [];
  const lines = others.flatMap((failure) => {
    return hanging(
      '  - ',
      `${failure.image.kind} ${failure.container} (${failure.image.image}): ${failure.error.symptom}. ${failure.error.summary}`,
      width,
    );
  });
  return [paint.strong('Also failing in this pod'), ...lines, ''];
}

function whatToDo(report: Report, paint: Paint, width: number): readonly string[] {
  const steps = report.remediation.flatMap((fix, index) => [
    ...hanging(`  ${index + 1}. `, fix.title, width),
    ...(fix.manifest ?? []).map((line) => `       ${line}`),
    ...commandLines(fix.commands, '     ', paint, width),
  ]);
  const prevention = report.prevention === null ? [] : hanging('  Prevention: ', report.prevention, width);
  const page = report.more === null ? [] : [`  More: ${paint.command(report.more)}`];
  if (steps.length + prevention.length + page.length === 0) return [];
  return [paint.strong('What to do'), ...steps, ...prevention, ...page, ''];
}

/** What commands do, in words that wrap, above commands that never do: they are there to be copied. */
function commandLines(commands: readonly Command[], indent: string, paint: Paint, width: number): readonly string[] {
  return commandGroups(commands).flatMap((group) => [
    ...hanging(indent, `${group.label}:`, width).map((line) => paint.faint(line)),
    ...group.commands.flatMap((run) => run.split('\n')).map((line) => `${indent}  ${paint.command(line)}`),
  ]);
}

function notChecked(report: Report, paint: Paint, width: number): readonly string[] {
  const { shortfalls, questions, tried } = openItems(report);
  if (questions.length + shortfalls.length + tried.length === 0) return [];
  return [
    paint.strong('Not checked'),
    ...shortfalls.flatMap((shortfall) => hanging('  ! ', shortfall, width)),
    ...questions.flatMap((question) => [
      ...hanging('  ? ', question.says, width),
      ...commandLines(question.commands, '    ', paint, width),
    ]),
    ...tried.flatMap((because) => hanging('  · ', because, width)),
    '',
  ];
}

/** One line that says what the marks mean; those that do not occur are left out. */
function legend(report: Report, paint: Paint, width: number): readonly string[] {
  const line = legendLine(report);
  return line === undefined ? [] : hanging('', line, width).map(paint.faint);
}
