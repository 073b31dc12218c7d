import type { Inline } from '../incident/message.ts';
import { HIDDEN } from '../text/printable.ts';

/** Text without what would hide or turn round what it says; lone halves of characters, which JSON cannot carry, are marked too. */
export function visible(text: string): string {
  return text.toWellFormed().replace(HIDDEN, '\ufffd');
}

/** At most so many UTF-16 units, never half a character, with `…` in place of what is left out. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/**
 * Text that Slack shows as it stands: no mention, link or formatting comes out of it. Slack reads `&`, `<` and `>` by entity;
 * a word joiner behind a sign that opens formatting closes that door. Inside words, such as `my_app`, none opens, and names
 * stay as they are, to be copied.
 */
export function escaped(text: string): string {
  return entities(visible(text))
    .replaceAll('`', "'")
    .replace(/(?<![A-Za-z0-9])[*_~](?=\S)/g, (sign) => `${sign}\u2060`);
}

/** Escaped text of at most so many characters of markup, never half an entity. */
export function escapedWithin(text: string, most: number): string {
  return cutEntities(escaped(text), most);
}

/** Words in Slack's markup; times are shown in the reader's own zone. */
export function markup(text: readonly Inline[], most = 3000): string {
  let left = most;
  const parts: string[] = [];
  for (const part of text) {
    const shown = inline(part, left);
    if (shown.length > left) break;
    parts.push(shown);
    left -= shown.length;
  }
  return parts.join('');
}

function inline(part: Inline, most: number): string {
  if (typeof part === 'string') return escapedWithin(part, most);
  switch (part.kind) {
    case 'strong':
      return part.text.trim() === ''
        ? escapedWithin(part.text, most)
        : `*${escapedWithin(part.text.trim(), most - 3)}*${/\s$/.test(part.text) ? ' ' : ''}`;
    case 'code':
      return code(part.text, most);
    case 'time':
      return time(part.at, part.precision === 'minute' ? '{time}' : '{time_secs}');
    case 'channel':
      return /^[A-Z0-9]{1,30}$/.test(part.id) ? `<#${part.id}>` : escapedWithin(part.id, most);
    case 'mention':
      return mention(part.id, most);
    case 'link':
      return link(part.url, part.text, most);
    default:
      return part satisfies never;
  }
}

/** A person or a group; an id that is none is a word. */
function mention(id: string, most: number): string {
  if (/^[UW][A-Z0-9]{1,30}$/.test(id)) return `<@${id}>`;
  return /^S[A-Z0-9]{1,30}$/.test(id) ? `<!subteam^${id}>` : escapedWithin(id, most);
}

/** A link with its text; the text alone where there is no room for the address, or it is none. */
export function link(url: string, text: string, most: number): string {
  if (!URL.canParse(url)) return escapedWithin(text, most);
  const address = new URL(url).href.replaceAll('&', '&amp;').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('|', '%7C');
  const room = most - address.length - '<|>'.length;
  return room < 1 ? escapedWithin(text, most) : `<${address}|${escapedWithin(text.replaceAll('|', '/'), room)}>`;
}

/** Text in a fence out of which it cannot break, of at most so many characters of markup. */
export function fenced(text: string, most: number): string {
  const inside = entities(visible(text).replaceAll('```', "'''"));
  return `\`\`\`\n${cutEntities(inside, most - 8)}\n\`\`\``;
}

/** A word in backticks, out of which it cannot break. */
function code(text: string, most: number): string {
  const bare = entities(visible(text).replaceAll('`', "'").replaceAll('\n', ' ').trim());
  return bare === '' ? '' : `\`${cutEntities(bare, most - 2)}\``;
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Like `cut`, and never half an entity. */
function cutEntities(text: string, most: number): string {
  return text.length <= most ? text : cut(text, most).replace(/&[a-z]{0,3}…$/, '…');
}

function time(at: string, form: '{time}' | '{time_secs}'): string {
  const seconds = Math.trunc(Date.parse(at) / 1000);
  if (!Number.isFinite(seconds)) return escapedWithin(at, 40);
  const plain = `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${seconds}^{date_short_pretty} ${form}|${plain}>`;
}
