import { shortened } from '../../text/wording.ts';

/** Where a text stands on a card; each place has its own letters. */
export type CardPlace = 'section' | 'context' | 'command';

/** Characters of a line on a phone of 375 px, measured in Slack's app with words of common length. */
const COLUMNS: Readonly<Record<CardPlace, number>> = { section: 42, context: 52, command: 38 };

/** How many lines a text takes on a phone. */
export function phoneLines(text: string, place: CardPlace): number {
  return text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / COLUMNS[place])), 0);
}

/** A text of so many lines at most, with `...` in place of what is left out. */
export function shortenedToLines(text: string, place: CardPlace, most: number): string {
  return shortened(text, Math.max(1, most) * COLUMNS[place]);
}

/** As many whole sentences as fit into so many lines; where not even one does, the beginning of the first, unless that is a mere line. */
export function withinLines(sentences: readonly string[], most: number): string {
  const room = most * COLUMNS.section;
  const whole = sentences.reduce((text, sentence) => {
    const longer = text === '' ? sentence : `${text} ${sentence}`;
    return longer.length <= room ? longer : text;
  }, '');
  const [first = ''] = sentences;
  if (whole !== '' || most < 2 || first === '') return whole;
  return `${first.slice(0, room - 1).replace(/\s+\S*$/, '')}…`;
}
