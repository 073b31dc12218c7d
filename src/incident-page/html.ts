import { HIDDEN } from '../text/printable.ts';

/** Markup that may stand in a page as it is; only `html` and `joined` make it. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | readonly Markup[] | undefined;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it may stand between tags and in quoted attributes; what would hide or turn round what it says is marked. */
function escapedText(text: string): string {
  return text
    .toWellFormed()
    .replace(HIDDEN, '\ufffd')
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/** Markup of a page: what is filled in is escaped unless it is markup itself. Attributes have to be in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const filled = strings.map((text, at) => text + (at < parts.length ? shown(parts[at]) : ''));
  return { markup: filled.join('') };
}

function shown(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapedText(String(part));
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}

/** A stylesheet of this program, which no text from outside may be a part of. */
export function styleElement(style: string): Markup {
  return { markup: `<style>${style}</style>` };
}

/** An address that a link may lead to: of the web, or nothing. */
export function webAddress(url: string): string | undefined {
  const parsed = URL.parse(url);
  return parsed !== null && (parsed.protocol === 'https:' || parsed.protocol === 'http:') ? parsed.href : undefined;
}
