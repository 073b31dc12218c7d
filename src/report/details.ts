import type { Evidence } from '../diagnosis/finding.ts';
import type { Piece } from '../incident/message.ts';
import { distinctFindings, evidenceSource, isNewEvidence, MARKS } from './evidence.ts';
import type { Report } from './report.ts';
import { questionTexts, textParts } from './told-text.ts';

/** Everything behind a verdict: each finding with its evidence word for word, what to do with commands, and what nobody could check. */
export function detailsOf(report: Report): readonly Piece[] {
  return [...evidencePieces(report), ...remediationPieces(report), ...openPieces(report)];
}

function evidencePieces(report: Report): readonly Piece[] {
  if (report.verdict.cause === null)
    return [{ kind: 'text', text: [report.verdict.because.join(' ') || 'Nothing speaks against this pod’s images.'] }];
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
  const fixes = report.remediation.map(
    (fix, at): Piece => ({ kind: 'commands', title: `${at + 1}. ${fix.title}`, commands: fix.commands }),
  );
  const prevention: readonly Piece[] = report.prevention === null ? [] : [{ kind: 'note', text: [`Next time: ${report.prevention}`] }];
  return [...fixes, ...prevention];
}

function openPieces(report: Report): readonly Piece[] {
  const shortfalls = report.shortfalls.flatMap(unchecked);
  const texts = questionTexts(report.verdict.unanswered);
  const questions = report.verdict.unanswered.flatMap(({ commands }, nth): readonly Piece[] => {
    const [first, ...more] = unchecked(texts[nth] ?? '');
    if (commands.length === 0) return first ? [first, ...more] : [];
    const title = first?.kind === 'note' && more.length === 0 ? first.text.join('') : 'By hand:';
    return [...(first && title === 'By hand:' ? [first, ...more] : []), { kind: 'commands', title, commands }];
  });
  return [...shortfalls, ...questions];
}

/** What nobody could check; what is to be copied keeps its lines and their indentation. */
function unchecked(says: string): readonly Piece[] {
  return textParts(says).map(({ kind, text }, at): Piece => {
    if (kind === 'verbatim') return { kind: 'quote', from: [], text };
    return { kind: 'note', text: [at === 0 ? `Not checked: ${text}` : text] };
  });
}
