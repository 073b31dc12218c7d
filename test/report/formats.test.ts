import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import { markdownReport } from '../../src/report/formats/markdown-report.ts';
import { textReport } from '../../src/report/formats/text-report.ts';
import { plain } from '../../src/report/layout.ts';
import { openItems } from '../../src/report/open-items.ts';
import { overviewRows } from '../../src/report/overview.ts';
import { type Report, reportOf } from '../../src/report/report.ts';
import { diagnoseRecording } from '../support/diagnosis.ts';

/** Words in their order; layout, quoting and escaping left out. */
const words = (text: string) =>
  text
    .replace(/^ *(?:\||`{3,})/gm, ' ')
    .replace(/[\\`]/g, '')
    .replace(/\s+/g, ' ');

/** Every text in a JSON value. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Every sentence, quotation and command that a report may show. */
function sayings(report: Report): readonly string[] {
  const { shortfalls, questions, tried } = openItems(report);
  return [
    report.title,
    ...overviewRows(report).map(([, text]) => text),
    ...report.findings.flatMap(({ says, evidence }) => [says, ...evidence.map(({ text }) => text)]),
    ...report.failures.map(({ error }) => error.summary),
    ...report.remediation.flatMap(({ title, manifest, commands }) => [title, ...(manifest ?? []), ...commands.map(({ run }) => run)]),
    ...(report.prevention === null ? [] : [report.prevention]),
    ...(report.more === null ? [] : [report.more]),
    ...shortfalls,
    ...report.verdict.unanswered.flatMap(({ question, because, enable }) => [question, because ?? '', enable]),
    ...questions.flatMap(({ commands }) => commands.map(({ run }) => run)),
    ...tried,
  ].filter((saying) => saying !== '');
}

describe('what the text says', () => {
  it.each(readdirSync('test/cases'))('markdown and JSON say as well, for %s', async (name) => {
    const report = reportOf(await diagnoseRecording(await readRecordingFolder(`test/cases/${name}`)), { kubernetes: 1, registry: 1 });
    const text = words(textReport(report, plain, 120));
    const markdown = words(markdownReport(report));
    // The rows of the overview are made of what JSON has as figures and times.
    const json = words(textsIn(JSON.parse(JSON.stringify(report))).join('\n'));
    const told = sayings(report)
      .map(words)
      .filter((saying) => text.includes(saying.trim()));
    expect(told.length).toBeGreaterThan(1);
    expect(told.filter((saying) => !markdown.includes(saying.trim()))).toEqual([]);
    const rows = new Set(overviewRows(report).map(([, row]) => words(row)));
    expect(told.filter((saying) => !rows.has(saying) && !json.includes(saying.trim()))).toEqual([]);
  });

  it('ends with what its marks mean, and only those that it has', async () => {
    const report = reportOf(await diagnoseRecording(await readRecordingFolder('test/cases/made-tag-there-after-all')), {
      kubernetes: 1,
      registry: 1,
    });
    const text = textReport(report, plain, 100);
    expect(text).toMatch(/\nMarks: \+ supports the cause, .*\.\n$/s);
    for (const [, mark] of text.matchAll(/^ {2}([-+·?!]) /gm)) expect(text).toMatch(new RegExp(`Marks: .*\\${mark} [a-z]`, 's'));
    for (const [, mark] of (/Marks: (.*)/s.exec(text)?.[1] ?? '').matchAll(/(?:^|, )([-+·?!]) /g))
      expect(text).toMatch(new RegExp(`^ {2}\\${mark} `, 'm'));
  });
});
