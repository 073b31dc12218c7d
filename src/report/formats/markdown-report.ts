import type { Finding } from '../../diagnosis/finding.ts';
import type { Command } from '../../remediation/command.ts';
import { commandGroups } from '../command-groups.ts';
import { distinctFindings, evidenceSource, isNewEvidence, MARKS } from '../evidence.ts';
import { clock } from '../layout.ts';
import { legendLine } from '../legend.ts';
import { openItems } from '../open-items.ts';
import { type OverviewRow, overviewRows } from '../overview.ts';
import { leadFailure, type Report } from '../report.ts';
import { textParts } from '../text-parts.ts';
import { code, escapeMarkdown, fence } from './markdown.ts';

/** A report to paste into an issue or a chat; the same parts in the same order as on a terminal. */
export function markdownReport(report: Report): string {
  const fixes = report.remediation.map((fix, index) =>
    [
      `${index + 1}. ${escapeMarkdown(fix.title)}`,
      ...(fix.manifest === undefined ? [] : [fence(fix.manifest.join('\n'), '   ', 'diff')]),
      ...commandBlocks(fix.commands, '   '),
    ].join('\n\n'),
  );
  const whatToDo = [
    ...(fixes.length > 0 ? [fixes.join('\n')] : []),
    ...(report.prevention === null ? [] : [`Prevention: ${escapeMarkdown(report.prevention)}`]),
    ...(report.more === null ? [] : [`More: ${code(report.more)}`]),
  ];
  const open = notChecked(report);
  const evidence = evidenceItems(report);
  const others = report.failures.filter((failure) => failure.container !== report.container);
  const legend = legendLine(report);
  return `${[
    `## ${escapeMarkdown(report.title)}`,
    factsOf(report)
      .map(([name, value]) => `- **${name}**: ${escapeMarkdown(value)}`)
      .join('\n'),
    ...(evidence.length > 0 ? ['### Evidence', evidence.join('\n')] : []),
    ...(others.length > 0
      ? ['### Also failing in this pod', others.map((failure) => `- ${escapeMarkdown(otherFailure(failure))}`).join('\n')]
      : []),
    ...(whatToDo.length > 0 ? ['### What to do', ...whatToDo] : []),
    ...(open.length > 0 ? ['### Not checked', open.join('\n')] : []),
    ...(legend === undefined ? [] : [escapeMarkdown(legend)]),
  ].join('\n\n')}\n`;
}

function factsOf(report: Report): readonly OverviewRow[] {
  const { verdict, target } = report;
  const image = leadFailure(report)?.image ?? target.images.find((candidate) => candidate.name === report.container);
  const family = verdict.family === null ? '' : ` (${verdict.family})`;
  return [
    ['Pod', `${target.namespace}/${target.pod}${target.node ? ` on ${target.node}` : ', no node'}`],
    ...(target.workload ? [['Workload', `${target.workload.kind} ${target.workload.name}`] as const] : []),
    ...(image ? [['Image', `${image.image}, ${image.kind === image.name ? image.kind : `${image.kind} ${image.name}`}`] as const] : []),
    ...(verdict.cause === null ? [] : [['Cause', `${verdict.cause}, ${verdict.confidence}${family}`] as const]),
    ...overviewRows(report),
  ];
}

/** Every finding behind the verdict under its mark, with what was said word for word. */
function evidenceItems(report: Report): readonly string[] {
  if (report.verdict.cause === null) return [];
  const shown = new Set<string>();
  return MARKS.flatMap(([mark, sentencesOf]) =>
    distinctFindings(report, sentencesOf(report)).map(
      (finding) => `- ${code(mark)} ${escapeMarkdown(finding.says)}${quotes(finding, shown, report)}`,
    ),
  );
}

function quotes(finding: Finding, shown: Set<string>, report: Report): string {
  return finding.evidence
    .filter((item) => isNewEvidence(item, shown, finding))
    .map((item) => {
      const times = item.times === undefined ? '' : `, seen ${item.times} times`;
      return `\n\n  ${escapeMarkdown(`${evidenceSource(item, report)}, ${clock(item.observedAt)}${times}:`)}\n\n${fence(item.text, '  ')}\n`;
    })
    .join('');
}

function otherFailure({ image, container, error }: Report['failures'][number]): string {
  return `${image.kind} ${container} (${image.image}): ${error.symptom}. ${error.summary}`;
}

function notChecked(report: Report): readonly string[] {
  const { shortfalls, questions, tried } = openItems(report);
  return [
    ...shortfalls.map((shortfall) => `- ${code('!')} ${toldMarkdown(shortfall)}`),
    ...questions.map((question) =>
      [`- ${code('?')} ${toldMarkdown(question.says)}`, ...commandBlocks(question.commands, '  ')].join('\n\n'),
    ),
    ...tried.map((because) => `- ${code('·')} ${toldMarkdown(because)}`),
  ];
}

/** A block of its own for each group, so that nobody copies what changes something together with what reads. */
function commandBlocks(commands: readonly Command[], indent: string): readonly string[] {
  return commandGroups(commands).flatMap(({ label, commands: runs }) => [
    `${indent}${escapeMarkdown(label)}:`,
    fence(runs.join('\n'), indent),
  ]);
}

/** A text of a list item, with what is to be copied in blocks of its own. */
function toldMarkdown(text: string): string {
  return textParts(text)
    .map((part) => (part.kind === 'prose' ? escapeMarkdown(part.text) : fence(part.text, '  ').trimStart()))
    .join('\n\n  ');
}
