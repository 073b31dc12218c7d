import type { Piece } from '../../incident/message.ts';
import type { Remediation } from '../../remediation/advice.ts';
import type { Command } from '../../remediation/command.ts';
import type { Report } from '../report.ts';
import { phoneLines } from './phone-lines.ts';

/** The one thing to do that a card has room for; everything else is in the thread. */
export type Advised =
  | { readonly kind: 'command'; readonly title: string; readonly command: string; readonly note: string; readonly lines: number }
  | { readonly kind: 'fix' | 'question'; readonly text: string; readonly lines: number }
  | { readonly kind: 'none'; readonly lines: 0 };

/** A command that takes more lines on a phone than this is in the thread alone. */
const MAX_COMMAND_LINES = 3;
const MAX_TITLE = 84;
/** Characters that surely take one line. */
const ONE_LINE = 40;
const LABELS = { fix: 'What to do:', question: 'To settle it:' } as const;

/** Of an unsure cause the question that would settle it, else the first fix: its command where there is room for it, in so many lines. */
export function adviceOf(report: Report, given: { readonly isUnsure: boolean; readonly room: number }): Advised {
  const question = report.verdict.unanswered.find(({ decisive }) => decisive);
  if (given.isUnsure && question) return inWords('question', question.question, question.commands.length > 0);
  const [fix] = report.remediation;
  if (!fix) return { kind: 'none', lines: 0 };
  return commandOf(fix, given.room) ?? inWords('fix', firstSentence(fix.title), fix.commands.length > 0 || fix.manifest !== undefined);
}

/** The first command of a fix with its whole risk, said as fully as there is room; undefined where there is none for both. */
function commandOf(fix: Remediation, room: number): Advised | undefined {
  const [command, ...others] = fix.commands;
  if (command === undefined || phoneLines(command.run, 'command') > MAX_COMMAND_LINES) return undefined;
  const place = placeOf(command, fix.title);
  const risk = riskOf(command);
  const whole = noteOf(risk, others.length);
  // How many others follow is less than the title; what a command changes is said whole, or the command is not on the card.
  const forms = [
    [MAX_TITLE, whole],
    [MAX_TITLE, risk],
    [ONE_LINE, risk],
  ] as const;
  return forms
    .map(([mostTitle, note]): Advised => {
      const title = `${clause(firstSentence(fix.title), mostTitle - place.length)}${place}`;
      const lines = phoneLines(title, 'section') + phoneLines(command.run, 'command') + (note === '' ? 0 : phoneLines(note, 'context'));
      return { kind: 'command', title, command: command.run, note, lines };
    })
    .find(({ lines }) => lines <= room);
}

function inWords(kind: 'fix' | 'question', text: string, hasCommands: boolean): Advised {
  const whole = `${clause(text, MAX_TITLE)}${hasCommands ? ' (commands in the thread)' : ''}`;
  return { kind, text: whole, lines: phoneLines(`${LABELS[kind]} ${whole}`, 'section') };
}

function firstSentence(text: string): string {
  return text.split(/(?<=[a-z)])\. (?=[A-Z])/, 1)[0] ?? text;
}

/** A text of at most so many characters, cut between clauses where it has some, else between words. */
function clause(text: string, most: number): string {
  if (text.length <= most) return text;
  const beginning = text.slice(0, most);
  const end = Math.max(...['; ', ', ', ' ('].map((mark) => beginning.lastIndexOf(mark)));
  return end > most / 3 ? beginning.slice(0, end) : `${beginning.slice(0, most - 1).replace(/\s+\S*$/, '')}…`;
}

function placeOf(command: Command, title: string): string {
  return command.where !== 'node' || /\bon (?:the|each|every) nodes?\b/i.test(title) ? '' : ' (on the node)';
}

/** What the command changes, in all its words; empty for one that reads. */
function riskOf(command: Command): string {
  return command.effect === 'reads' ? '' : `Changes: ${command.risk.replace(/^changes /, '')}`;
}

/** The risk, and how many commands follow. */
function noteOf(risk: string, others: number): string {
  const more = others === 0 ? '' : `${others} more ${others === 1 ? 'command follows' : 'commands follow'} in the thread`;
  return [risk, more].filter((part) => part !== '').join(' · ');
}

/** Advice as the card shows it. */
export function advicePieces(advised: Advised): readonly Piece[] {
  switch (advised.kind) {
    case 'command':
      return [
        { kind: 'commands', title: advised.title, commands: [advised.command] },
        ...(advised.note === '' ? [] : [{ kind: 'note', text: [advised.note] } as const]),
      ];
    case 'fix':
    case 'question':
      return [{ kind: 'text', text: [{ kind: 'strong', text: `${LABELS[advised.kind]} ` }, advised.text] }];
    case 'none':
      return [];
    default:
      return advised satisfies never;
  }
}
