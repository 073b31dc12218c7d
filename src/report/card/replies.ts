import type { Evidence } from '../../diagnosis/evidence.ts';
import type { Piece } from '../../incident/message.ts';
import type { Command } from '../../remediation/command.ts';
import { commandGroups } from '../command-groups.ts';
import { distinctFindings, evidenceSource, isNewEvidence, MARKS } from '../evidence.ts';
import { openItems } from '../open-items.ts';
import { overviewRows } from '../overview.ts';
import type { Report } from '../report.ts';
import { textParts } from '../text-parts.ts';

/** What is behind a verdict: how far it reaches, each finding with its evidence word for word, and what nobody could check. */
export function evidenceOf(report: Report): readonly Piece[] {
  const rows = overviewRows(report).filter(([label]) => !ON_THE_CARD.has(label));
  return [
    { kind: 'text', text: [{ kind: 'strong', text: 'Evidence' }] },
    ...rows.map(([label, text]): Piece => ({ kind: 'text', text: [{ kind: 'strong', text: `${label}: ` }, text] })),
    ...evidencePieces(report),
    ...openPieces(report),
  ];
}

/** What to do, with every command; empty where there is nothing. */
export function commandsOf(report: Report): readonly Piece[] {
  const pieces = [...remediationPieces(report), ...questionPieces(report)];
  return pieces.length === 0 ? [] : [{ kind: 'text', text: [{ kind: 'strong', text: 'Commands' }] }, ...pieces];
}

/** Rows of the overview that the card has, or the evidence itself. */
const ON_THE_CARD: ReadonlySet<string> = new Set(['Because', 'Since']);

function evidencePieces(report: Report): readonly Piece[] {
  if (report.verdict.cause === null)
    return [{ kind: 'text', text: [report.verdict.because.join(' ') || "Nothing speaks against this pod's images."] }];
  const shown = new Set<string>();
  return MARKS.flatMap(([mark, sentencesOf]) =>
    distinctFindings(report, sentencesOf(report)).flatMap((finding): Piece[] => [
      { kind: 'text', text: [{ kind: 'strong', text: `${mark} ` }, finding.says] },
      ...finding.evidence.filter((item) => isNewEvidence(item, shown, finding)).map((item) => quoteOf(item, report)),
    ]),
  );
}

function quoteOf(item: Evidence, report: Report): Piece {
  const times = item.times === undefined ? '' : `, seen ${item.times} times`;
  return { kind: 'quote', from: [`${evidenceSource(item, report)}, `, { kind: 'time', at: item.observedAt }, times], text: item.text };
}

function remediationPieces(report: Report): readonly Piece[] {
  const fixes = report.remediation.flatMap((fix, at): readonly Piece[] => [
    { kind: 'commands', title: `${at + 1}. ${fix.title}`, commands: fix.manifest ?? [] },
    ...commandPieces(fix.commands),
  ]);
  const prevention: readonly Piece[] = report.prevention === null ? [] : [{ kind: 'note', text: [`Prevention: ${report.prevention}`] }];
  return [...fixes, ...prevention];
}

/** A piece for each group, so that what changes something is not copied together with what reads. */
function commandPieces(commands: readonly Command[]): readonly Piece[] {
  return commandGroups(commands).map(({ label, commands: runs }): Piece => ({ kind: 'commands', title: label, commands: runs }));
}

/** Questions that nobody could answer, with the commands that would. */
function questionPieces(report: Report): readonly Piece[] {
  return report.verdict.unanswered.flatMap(({ question, commands }): readonly Piece[] =>
    commands.length === 0 ? [] : [{ kind: 'text', text: [{ kind: 'strong', text: question }] }, ...commandPieces(commands)],
  );
}

function openPieces(report: Report): readonly Piece[] {
  const { shortfalls, questions, tried } = openItems(report);
  return [...shortfalls, ...questions.map(({ says }) => says), ...tried].flatMap(unchecked);
}

/** What nobody could check; what is to be copied keeps its lines and their indentation. */
function unchecked(says: string): readonly Piece[] {
  return textParts(says).map(({ kind, text }, at): Piece => {
    if (kind === 'verbatim') return { kind: 'quote', from: [], text };
    return { kind: 'note', text: [at === 0 ? `Not checked: ${text}` : text] };
  });
}
