import type { Evidence, Finding } from '../diagnosis/finding.ts';
import type { Target } from '../diagnosis/target.ts';
import { clock, hanging, headline, type Paint, readableWidth } from './layout.ts';
import { overviewRows } from './overview.ts';
import { printable } from './printable.ts';
import { leadFailure, type Report } from './report.ts';

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
    hanging(`  ${label.padEnd(LABEL)}`, text, width).map((line, index) => (index === 0 ? line.replace(label, paint.faint(label)) : line)),
  );
  return [...lines, ''];
}

function evidence(report: Report, paint: Paint, width: number): readonly string[] {
  if (report.verdict.cause === null) return [];
  const findings = report.findings.filter((finding) => report.verdict.because.includes(finding.says));
  if (findings.length === 0) return [];
  const shown = new Set<string>();
  const lines = findings.flatMap((finding) => [
    ...hanging('  + ', finding.says, width),
    ...finding.evidence.filter((item) => isNew(item, shown, finding)).flatMap((item) => evidenceLines(item, report, paint, width)),
  ]);
  return [paint.strong('Evidence'), ...lines, ''];
}

/** The same message backs several findings; it is printed once. */
function isNew(item: Evidence, shown: Set<string>, finding: Finding): boolean {
  if (item.source === 'pod-spec' || finding.says.includes(item.text) || shown.has(item.text)) return false;
  shown.add(item.text);
  return true;
}

function evidenceLines(item: Evidence, report: Report, paint: Paint, width: number): readonly string[] {
  const source = {
    'pod-event': 'event of the kubelet',
    'pod-status': 'status of the container',
    'pod-spec': 'pod',
    'pod-list': 'status of that pod',
  }[item.source];
  const node = report.target.node && item.source !== 'pod-list' ? ` on ${report.target.node}` : '';
  const times = item.times === undefined ? '' : `, seen ${item.times} times`;
  const text = item.text.length > EVIDENCE_LENGTH ? `${item.text.slice(0, EVIDENCE_LENGTH)} … (${item.text.length} characters)` : item.text;
  return [paint.faint(`    ${source}${node}, ${clock(item.observedAt)}${times}:`), ...hanging('    | ', text, width)];
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
    // Commands are never wrapped: they are there to be copied.
    ...fix.commands.map((command) => `     ${paint.command(command)}`),
  ]);
  const prevention = report.prevention === null ? [] : hanging('  Next time: ', report.prevention, width);
  const page =
    report.verdict.cause === null || report.verdict.cause === 'undetermined' ? [] : [`  More: docs/causes/${report.verdict.cause}.md`];
  if (steps.length + prevention.length === 0) return [];
  return [paint.strong('What to do'), ...steps, ...prevention, ...page, ''];
}

function notChecked(report: Report, paint: Paint, width: number): readonly string[] {
  const questions = report.verdict.unanswered.flatMap((question) => [
    ...hanging('  ? ', `${question.question} ${question.enable}`, width),
    ...question.commands.map((command) => `    ${paint.command(command)}`),
  ]);
  const shortfalls = report.shortfalls.flatMap((shortfall) => hanging('  ! ', shortfall, width));
  if (questions.length + shortfalls.length === 0) return [];
  return [paint.strong('Not checked'), ...shortfalls, ...questions, ''];
}
