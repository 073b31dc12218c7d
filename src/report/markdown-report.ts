import type { Command } from '../remediation/command.ts';
import { commandGroups } from './command-groups.ts';
import { type OverviewRow, overviewRows } from './overview.ts';
import { printable } from './printable.ts';
import { leadFailure, type Report } from './report.ts';

/** A report to paste into an issue or a chat; the same parts in the same order as on a terminal. */
export function markdownReport(report: Report): string {
  const { verdict, target } = report;
  const failure = leadFailure(report);
  const facts: readonly OverviewRow[] = [
    ['Pod', `${target.namespace}/${target.pod}${target.node ? ` on ${target.node}` : ''}`],
    ...(verdict.cause === null ? [] : [['Cause', `${verdict.cause}, ${verdict.confidence}`] as const]),
    ...overviewRows(report),
  ];
  const fixes = report.remediation.map((fix, index) =>
    [
      `${index + 1}. ${escapeMarkdown(fix.title)}`,
      ...(fix.manifest === undefined ? [] : [fence(fix.manifest.join('\n'), '   ', 'diff')]),
      ...commandBlocks(fix.commands, '   '),
    ].join('\n\n'),
  );
  const open = [
    ...report.shortfalls.map((shortfall) => `- ${escapeMarkdown(shortfall)}`),
    ...verdict.unanswered.map((question) =>
      [
        `- ${escapeMarkdown([question.question, question.because, question.enable].filter(Boolean).join(' '))}`,
        ...commandBlocks(question.commands, '  '),
      ].join('\n\n'),
    ),
  ];
  return `${[
    `## ${escapeMarkdown(report.title)}`,
    facts.map(([name, value]) => `- **${name}**: ${escapeMarkdown(value)}`).join('\n'),
    ...(failure ? ['### Evidence', fence(failure.message, '')] : []),
    ...(fixes.length > 0 ? ['### What to do', fixes.join('\n')] : []),
    ...(open.length > 0 ? ['### Not checked', open.join('\n')] : []),
  ].join('\n\n')}\n`;
}

/** A block of its own for each group, so that nobody copies what changes something together with what reads. */
function commandBlocks(commands: readonly Command[], indent: string): readonly string[] {
  return commandGroups(commands).flatMap(({ label, commands: runs }) => [
    `${indent}${escapeMarkdown(label)}:`,
    fence(runs.join('\n'), indent),
  ]);
}

/** Names come from manifests; none of them may become markup, a link or a mention. */
function escapeMarkdown(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]<>|#@]/g, '\\$&')
    .replace(/\n/g, ' ');
}

/** A fenced block that its content cannot close. */
function fence(text: string, indent: string, language = ''): string {
  const longest = Math.max(0, ...[...text.matchAll(/`{3,64}/g)].map((match) => match[0].length));
  const ticks = '`'.repeat(Math.max(3, longest + 1));
  return [`${ticks}${language}`, ...printable(text).split('\n'), ticks].map((line) => indent + line).join('\n');
}
