import { type OverviewRow, overviewRows } from './overview.ts';
import { printable } from './printable.ts';
import { leadFailure, type Report } from './report.ts';
import { questionTexts, textParts } from './told-text.ts';

/** A report to paste into an issue or a chat; the same parts in the same order as on a terminal. */
export function markdownReport(report: Report): string {
  const { verdict, target } = report;
  const failure = leadFailure(report);
  const facts: readonly OverviewRow[] = [
    ['Pod', `${target.namespace}/${target.pod}${target.node ? ` on ${target.node}` : ''}`],
    ...(verdict.cause === null ? [] : [['Cause', `${verdict.cause}, ${verdict.confidence}`] as const]),
    ...overviewRows(report),
  ];
  const fixes = report.remediation.map(
    (fix, index) =>
      `${index + 1}. ${escapeMarkdown(fix.title)}${fix.commands.length > 0 ? `\n\n${fence(fix.commands.join('\n'), '   ')}` : ''}`,
  );
  const questions = questionTexts(verdict.unanswered);
  const open = [
    ...report.shortfalls.map((shortfall) => `- ${toldMarkdown(shortfall)}`),
    ...verdict.unanswered.map(
      (question, at) =>
        `- ${toldMarkdown(questions[at] ?? '')}${question.commands.length > 0 ? `\n\n${fence(question.commands.join('\n'), '  ')}` : ''}`,
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

/** Names come from manifests; none of them may become markup, a link or a mention. */
function escapeMarkdown(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]<>|#@]/g, '\\$&')
    .replace(/\n/g, ' ');
}

/** A text of a list item, with what is to be copied in blocks of its own. */
function toldMarkdown(text: string): string {
  return textParts(text)
    .map((part) => (part.kind === 'prose' ? escapeMarkdown(part.text) : fence(part.text, '  ').trimStart()))
    .join('\n\n  ');
}

/** A fenced block that its content cannot close. */
function fence(text: string, indent: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`{3,64}/g)].map((match) => match[0].length));
  const ticks = '`'.repeat(Math.max(3, longest + 1));
  return [ticks, ...printable(text).split('\n'), ticks].map((line) => indent + line).join('\n');
}
