import type { OpenQuestion } from '../remediation/open-question.ts';

/** A part of a text: a sentence or more, or lines that are to be copied as they are, such as YAML. */
export type TextPart = { readonly kind: 'prose' | 'verbatim'; readonly text: string };

/** A text of several lines in its parts. Lines that begin with a space are to be copied; their common indentation goes. */
export function textParts(text: string): readonly TextPart[] {
  const parts: { kind: TextPart['kind']; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const kind = line.startsWith(' ') ? 'verbatim' : 'prose';
    const last = parts.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else parts.push({ kind, lines: [line] });
  }
  return parts.map(({ kind, lines }) => ({ kind, text: kind === 'prose' ? sentences(lines) : outdented(lines).join('\n') }));
}

/** Servers end what they say without a full stop, and the next sentence stood on a line of its own. */
function sentences(lines: readonly string[]): string {
  return lines.map((line, at) => (at === lines.length - 1 || /[.!?:;,]$/.test(line) ? line : `${line}.`)).join(' ');
}

function outdented(lines: readonly string[]): readonly string[] {
  const least = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(least));
}

type Question = Pick<OpenQuestion, 'question' | 'because' | 'enable'>;

/** Open questions, each with what stood in the way; what stood in the way of an earlier one too is not said again. */
export function questionTexts(questions: readonly Question[]): readonly string[] {
  return questions.map((question, at) => {
    const earlier = questions.slice(0, at).some(({ because }) => because !== undefined && because === question.because);
    return questionText(earlier ? { ...question, because: 'The same stands in the way.' } : question);
  });
}

/** The obstacle may end in a rule to copy; then that is what would help. */
function questionText({ question, because, enable }: Question): string {
  const rule = because?.includes('\n ') ?? false;
  return [question, because, rule ? '' : enable].filter(Boolean).join(' ');
}
