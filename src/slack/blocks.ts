import { type Message, type Piece, stepLine } from '../incident/message.ts';
import {
  type ContextBlock,
  context,
  type Plain,
  type PreformattedBlock,
  plain,
  preformatted,
  SECTION,
  type SectionBlock,
  section,
} from './elements.ts';
import { cut, escapedWithin, markup, visible } from './text.ts';

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
  | { readonly type: 'actions'; readonly elements: readonly SlackButton[] };

interface SlackButton {
  readonly type: 'button';
  readonly text: Plain;
  readonly action_id: string;
  readonly value: string;
}

const BLOCKS = 50;
/** Slack refuses more than about 13,200 characters over all blocks, which it does not document. */
const MESSAGE = 12_000;
/** chat.update refuses more than 4,000. */
const FALLBACK = 3_900;
/** Kept free for the sentence that says what was left out. */
const RESERVE = 200;

const HEADLINES: Readonly<Record<Extract<Piece, { kind: 'headline' }>['mark'], string>> = {
  running: ':hourglass_flowing_sand:',
  wrong: ':red_circle:',
  fine: ':large_green_circle:',
  unsure: ':white_circle:',
};

/** What a piece may take of a message at most; what is verbatim gets what the rest leaves. */
const MOST: Readonly<Record<Piece['kind'], number>> = {
  headline: 600,
  text: 1500,
  facts: SECTION,
  steps: 2000,
  quote: 6000,
  commands: 2500,
  note: 1500,
  buttons: 2000,
};

/**
 * A message within every limit of Slack, whatever is in it. Pieces are taken in their order; headline, facts, steps and
 * buttons come first when room is short, and what is left out is said.
 */
export function slackMessage(message: Message): SlackMessage {
  const text = cut(visible(message.text), FALLBACK) || message.key;
  const rendered = message.pieces.map((piece, at) => ({ at, piece, blocks: blocksOf(piece, MOST[piece.kind]) }));
  const kept = new Map<number, readonly SlackBlock[]>();
  let room = MESSAGE - RESERVE;
  let places = BLOCKS - 1;
  let left = 0;
  for (const { at, piece, blocks } of rendered.toSorted((a, b) => rank(a.piece) - rank(b.piece) || a.at - b.at)) {
    const fitting =
      sizeOf(blocks) <= room && blocks.length <= places
        ? blocks
        : places > 0 && room > 300
          ? blocksOf(piece, room - 100).slice(0, places)
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
  return { text, blocks: blocks.length > 0 ? blocks : [section(escapedWithin(text, SECTION))] };
}

function rank(piece: Piece): number {
  switch (piece.kind) {
    case 'headline':
    case 'facts':
    case 'steps':
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

function blocksOf(piece: Piece, most: number): readonly SlackBlock[] {
  switch (piece.kind) {
    case 'headline':
      return [section(`${HEADLINES[piece.mark]} *${escapedWithin(oneLine(piece.text), Math.min(most, 600)) || '…'}*`)];
    case 'text':
      return sections(markup(piece.text, Math.min(most, SECTION)));
    case 'facts':
      return factBlocks(piece.rows, most);
    case 'steps':
      return stepBlocks(piece.steps, most);
    case 'quote':
      return [...contexts(markup(piece.from, 400)), ...verbatim(piece.text, most)];
    case 'commands':
      return [
        ...sections(`*${escapedWithin(oneLine(piece.title), 600)}*`),
        ...(piece.commands.length > 0 ? verbatim(piece.commands.join('\n'), most) : []),
      ];
    case 'note':
      return contexts(markup(piece.text, Math.min(most, 1500)));
    case 'buttons':
      return piece.buttons.length === 0
        ? []
        : [
            {
              type: 'actions',
              elements: piece.buttons.slice(0, 5).map(({ action, label, incidentId }) => ({
                type: 'button',
                text: plain(label, 75),
                action_id: `imagepull.${action}`,
                value: incidentId,
              })),
            },
          ];
    default:
      return piece satisfies never;
  }
}

/** One line a fact; those that no longer fit are counted. */
function factBlocks(rows: Extract<Piece, { kind: 'facts' }>['rows'], most: number): readonly SlackBlock[] {
  const lines: string[] = [];
  let left = Math.min(most, SECTION) - 60;
  for (const [label, text] of rows) {
    const line = `*${escapedWithin(oneLine(label), 75)}*  ${markup(text, Math.min(900, Math.max(0, left - 90)))}`;
    if (line.length > left) break;
    lines.push(line);
    left -= line.length + 1;
  }
  if (lines.length < rows.length) lines.push(`and ${rows.length - lines.length} more`);
  return sections(lines.join('\n'));
}

function stepBlocks(steps: Extract<Piece, { kind: 'steps' }>['steps'], most: number): readonly SlackBlock[] {
  const each = Math.floor(Math.min(most, 2000) / 20) + 60;
  const shown = steps.slice(0, 20).map((step) => escapedWithin(oneLine(stepLine(step)), each));
  if (steps.length > 20) shown.push(`and ${steps.length - 20} more`);
  return contexts(shown.join('\n'));
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
