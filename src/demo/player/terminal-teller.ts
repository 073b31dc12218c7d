import { hanging, type Paint } from '../../report/layout.ts';
import { printable } from '../../text/printable.ts';
import { actionsOf } from '../slack/clickable.ts';
import type { StoredMessage } from '../slack/workspace.ts';
import { PEOPLE } from '../stories/story.ts';
import type { Teller } from './play-story.ts';

/** Stands before each line of a card. */
const FRAME = '  ┃ ';
/** Of a longer reply only its beginning is printed. */
const REPLY_LINES = { most: 4, of: 2 } as const;

/** Tells a story in a terminal: what happens, who does what, and the card each time that it has become another one. */
export function createTerminalTeller({
  write,
  paint,
  width,
}: {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  readonly width: number;
}): Teller {
  let shown = '';
  const told = new Set<string>();
  const lines = (all: readonly string[]) => write(`${all.join('\n')}\n`);

  return {
    happens(text) {
      lines(hanging('  · ', text, width).map(paint.faint));
    },
    does(who, what) {
      lines(['', ...hanging('', `${paint.command(who)} ${what}`, width)]);
    },
    doubts(doubt) {
      lines(['', paint.strong('Where would it have been wrong?'), ...hanging('  ', doubt, width)]);
    },
    looks(card, thread) {
      const text = readable(card.text);
      const buttons = buttonsOf(card);
      if (`${text}${buttons}` !== shown) {
        const [first = '', ...rest] = text.split('\n');
        const framed = (line: string) => hanging('', line, width - FRAME.length).map((part) => `${FRAME}${part}`);
        lines(['', ...framed(first).map(paint.strong), ...[...rest, ...(buttons === '' ? [] : [buttons])].flatMap(framed)]);
        shown = `${text}${buttons}`;
      }
      for (const reply of thread.filter(({ ts }) => !told.has(ts))) {
        told.add(reply.ts);
        lines(beginning(readable(reply.text)).flatMap((line, at) => hanging(at === 0 ? '    ↳ ' : '      ', line, width).map(paint.faint)));
      }
    },
  };
}

function beginning(text: string): readonly string[] {
  const all = text.split('\n').filter((line) => line !== '');
  if (all.length <= REPLY_LINES.most) return all;
  return [...all.slice(0, REPLY_LINES.of), `… ${all.length - REPLY_LINES.of} more lines`];
}

/** The buttons of a card; what its menu holds is left out. */
function buttonsOf({ blocks }: StoredMessage): string {
  return actionsOf(blocks)
    .filter(({ payload }) => 'type' in payload && payload.type === 'button')
    .map(({ label }) => `[ ${label} ]`)
    .join(' ');
}

/** Text as Slack shows it: people by their names, and without escapes. */
function readable(text: string): string {
  const named = Object.entries(PEOPLE).reduce(
    (said, [name, id]) => said.replaceAll(`<@${id}>`, `@${name}`).replaceAll(`@${id}`, `@${name}`),
    text,
  );
  return printable(named.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'));
}
