/** How parts of a text stand out; `plain` leaves everything as it is. */
export interface Paint {
  readonly strong: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly good: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly command: (text: string) => string;
}

const same = (text: string) => text;
/** No colours: for pipes, files and NO_COLOR. */
export const plain: Paint = { strong: same, bad: same, good: same, faint: same, command: same };

/**
 * Breaks a text into lines of at most `width` characters, between words; a longer word stays whole, so that it can be copied.
 * A line that is indented keeps its indentation, which means something in YAML.
 */
function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const indent = /^ {0,40}/.exec(paragraph)?.[0] ?? '';
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.slice(indent.length).split(' ')) {
      if (line !== '' && indent.length + line.length + 1 + word.length > width) {
        lines.push(indent + line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, indent + line];
  });
}

/** A wrapped text behind a label or bullet; further lines stand under the first. */
export function hanging(label: string, text: string, width: number): readonly string[] {
  const indent = ' '.repeat(label.length);
  return wrap(text, Math.max(20, width - label.length)).map((line, index) => (index === 0 ? label : indent) + line);
}

/** A title behind its mark, wrapped under itself. */
export function headline(mark: string, title: string, paint: Paint, width: number): readonly string[] {
  return hanging('', title, width - 2).map((line, index) => `${index === 0 ? mark : ' '} ${paint.strong(line)}`);
}

/** Columns that a report uses of a terminal: no line so short or so long that it is hard to read. */
export function readableWidth(columns: number): number {
  return Math.min(Math.max(columns, 40), 120);
}

/** A time for people: `2026-03-01 22:04:48 UTC`; what is no time stays as it is. */
export function clock(rfc3339: string): string {
  const time = new Date(rfc3339);
  return Number.isNaN(time.getTime()) ? rfc3339 : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
