import { type Inline, type Piece, stepLine } from '../incident/message.ts';
import { clock } from './layout.ts';

/** The pieces of a message as lines of plain words. */
export function plainText(pieces: readonly Piece[]): string {
  return pieces.flatMap(linesOf).join('\n');
}

function linesOf(piece: Piece): readonly string[] {
  switch (piece.kind) {
    case 'headline':
      return [piece.text];
    case 'text':
    case 'note':
      return [words(piece.text)];
    case 'steps':
      return piece.steps.map((step) => `  ${stepLine(step)}`);
    case 'quote':
      // What is to be copied, and nobody said, has no mark before its lines.
      if (piece.from.length === 0) return piece.text.split('\n').map((line) => `  ${line}`);
      return [`${words(piece.from)}:`, ...piece.text.split('\n').map((line) => `| ${line}`)];
    case 'commands':
      return [piece.title, ...piece.commands.map((command) => `  ${command}`)];
    case 'choice':
      return [words(piece.text)];
    case 'buttons':
      return [];
    default:
      return piece satisfies never;
  }
}

function words(text: readonly Inline[]): string {
  return text.map(word).join('');
}

function word(part: Inline): string {
  if (typeof part === 'string') return part;
  switch (part.kind) {
    case 'time':
      return clock(part.at);
    case 'channel':
      return part.id;
    case 'mention':
      return `@${part.id}`;
    case 'link':
      return `${part.text} (${part.url})`;
    default:
      return part.text;
  }
}
