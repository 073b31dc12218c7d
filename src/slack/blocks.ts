import type { Button, MenuEntry, Message, Piece } from '../incident/message.ts';
import { clickValue, MAX_ENTRY_VALUE, PAGE } from './click-value.ts';
import {
  type ButtonElement,
  type ContextBlock,
  context,
  type OverflowElement,
  type PreformattedBlock,
  plain,
  preformatted,
  SECTION,
  type SectionBlock,
  section,
} from './elements.ts';
import { buttonId, menuId } from './ids.ts';
import { escapedWithin, markup, visible } from './text.ts';

/** A message as Slack takes it. `text` is what notifications and screen readers get. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

/** The few of Slack's blocks that are used. */
export type SlackBlock =
  | SectionBlock
  | ContextBlock
  | PreformattedBlock
  | { readonly type: 'actions'; readonly elements: readonly (ButtonElement | OverflowElement)[] };

const BLOCKS = 50;
/** Slack refuses more than about 13,200 characters over all blocks, which it does not document. */
const MESSAGE = 12_000;
/** chat.update refuses more than 4,000. */
const FALLBACK = 3_900;
/** Of a line of buttons, and of a menu. */
const MAX_BUTTONS = 5;
const MAX_ENTRIES = 5;
/** Kept free for the sentence that says what was left out. */
const RESERVE = 200;

const HEADLINES: Readonly<Record<Extract<Piece, { kind: 'headline' }>['mark'], string>> = {
  running: ':hourglass_flowing_sand:',
  wrong: ':red_circle:',
  fine: ':large_green_circle:',
  unsure: ':large_orange_circle:',
  joined: ':white_circle:',
  deciding: ':large_blue_circle:',
  past: ':white_circle:',
};

/** What a piece may take of a message at most; what is verbatim gets what the rest leaves. */
const MOST: Readonly<Record<Piece['kind'], number>> = {
  headline: 600,
  text: 1500,
  steps: 2000,
  quote: 6000,
  commands: 2500,
  note: 1500,
  choice: 1500,
  buttons: 2000,
};

/**
 * A message within every limit of Slack, whatever is in it. Pieces are taken in their order; headline, steps, choices
 * and buttons come first when room is short, and what is left out is said.
 */
export function slackMessage(message: Message): SlackMessage {
  // Slack reads markup in it as well.
  const text = escapedWithin(message.text, FALLBACK) || message.key;
  const rendered = message.pieces.map((piece, at) => ({ at, piece, blocks: blocksOf(piece, MOST[piece.kind], at) }));
  const kept = new Map<number, readonly SlackBlock[]>();
  let room = MESSAGE - RESERVE;
  let places = BLOCKS - 1;
  let left = 0;
  for (const { at, piece, blocks } of rendered.toSorted((a, b) => rank(a.piece) - rank(b.piece) || a.at - b.at)) {
    const fitting =
      sizeOf(blocks) <= room && blocks.length <= places
        ? blocks
        : places > 0 && room > 300
          ? blocksOf(piece, room - 100, at).slice(0, places)
          : [];
    if (fitting.length === 0 || sizeOf(fitting) > room) {
      if (blocks.length > 0) left += 1;
      continue;
    }
    kept.set(at, fitting);
    room -= sizeOf(fitting);
    places -= fitting.length;
  }
  const blocks = rendered.flatMap(({ at }) => kept.get(at) ?? []);
  if (left > 0)
    blocks.push(
      context(
        `${left} more ${left === 1 ? 'part does' : 'parts do'} not fit into a message. \`imagepull diagnose\` in a terminal prints all of it.`,
      ),
    );
  return { text, blocks: blocks.length > 0 ? blocks : [section(escapedWithin(message.text, SECTION) || message.key)] };
}

/** One paragraph of markup as a message. */
export function paragraph(markup: string): SlackMessage {
  return { text: markup, blocks: [section(markup.length > SECTION ? `${markup.slice(0, SECTION - 1)}…` : markup)] };
}

function rank(piece: Piece): number {
  switch (piece.kind) {
    case 'headline':
    case 'steps':
    case 'choice':
    case 'buttons':
      return 0;
    case 'text':
    case 'commands':
      return 1;
    default:
      return 2;
  }
}

function sizeOf(blocks: readonly SlackBlock[]): number {
  return blocks.reduce((sum, block) => sum + JSON.stringify(block).length, 0);
}

function blocksOf(piece: Piece, most: number, nth: number): readonly SlackBlock[] {
  switch (piece.kind) {
    case 'headline':
      return [section(`${HEADLINES[piece.mark]} *${escapedWithin(oneLine(piece.text), Math.min(most, 600)) || '…'}*`)];
    case 'text':
      return sections(markup(piece.text, Math.min(most, SECTION)));
    case 'steps':
      return contexts(escapedWithin(oneLine(piece.summary), Math.min(most, 600)));
    case 'quote':
      return [...contexts(markup(piece.from, 400)), ...verbatim(piece.text, most)];
    case 'commands':
      return [
        ...sections(`*${escapedWithin(oneLine(piece.title), 600)}*`),
        ...(piece.commands.length > 0 ? verbatim(piece.commands.join('\n'), most) : []),
      ];
    case 'note':
      return contexts(markup(piece.text, Math.min(most, 1500)));
    case 'choice':
      return [{ ...section(markup(piece.text, Math.min(most, 1000))), accessory: buttonElement(piece.button, nth * MAX_BUTTONS) }];
    case 'buttons':
      return actionBlocks(piece.buttons, piece.menu, nth);
    default:
      return piece satisfies never;
  }
}

/** A line of buttons with the menu behind them. `nth` is the place in the message, so that no name stands twice. */
function actionBlocks(buttons: readonly Button[], menu: readonly MenuEntry[], nth: number): readonly SlackBlock[] {
  const options = menu.flatMap((entry) => {
    const option = 'url' in entry ? { value: PAGE, url: entry.url } : { value: clickValue(entry) };
    return option.value.length <= MAX_ENTRY_VALUE ? [{ text: plain(entry.label, 75), ...option }] : [];
  });
  const elements = [
    ...buttons.slice(0, MAX_BUTTONS).map((button, at) => buttonElement(button, nth * MAX_BUTTONS + at)),
    ...(options.length > 0 ? [{ type: 'overflow', action_id: menuId(nth), options: options.slice(0, MAX_ENTRIES) } as const] : []),
  ];
  return elements.length > 0 ? [{ type: 'actions', elements }] : [];
}

function buttonElement(button: Button, nth: number): ButtonElement {
  const { label, style, confirm } = button;
  return {
    type: 'button',
    text: plain(label, 75),
    action_id: buttonId(nth),
    value: clickValue(button),
    ...(style === undefined ? {} : { style }),
    ...(confirm === undefined
      ? {}
      : {
          confirm: {
            title: plain(confirm.title, 100),
            text: plain(confirm.text, 300),
            confirm: plain(confirm.yes, 30),
            deny: plain(confirm.no, 30),
          },
        }),
  };
}

/** Verbatim text, cut where it does not fit. */
function verbatim(text: string, most: number): readonly SlackBlock[] {
  const shown = visible(text);
  // JSON doubles quotes, backslashes and line breaks.
  const budget = Math.max(0, most - 200);
  let part = shown;
  while (JSON.stringify(part).length > budget && part.length > 0)
    part = part.slice(0, Math.floor(part.length * Math.min(0.95, budget / JSON.stringify(part).length)));
  part = part.replace(/[\ud800-\udbff]$/, '');
  const left = shown.length - part.length;
  const whole = left > 0 ? `${part}\n… ${left} more characters` : part;
  return whole.trim() === '' ? [] : [preformatted(whole)];
}

function sections(text: string): readonly SlackBlock[] {
  return text.trim() === '' ? [] : [section(text)];
}

function contexts(text: string): readonly SlackBlock[] {
  return text.trim() === '' ? [] : [context(text)];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
