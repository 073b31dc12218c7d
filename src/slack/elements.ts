import { cut, visible } from './text.ts';

/** Most characters of a section's text and of a preformatted part. */
export const SECTION = 3000;

/** Text without markup, of at most so many characters. */
export interface Plain {
  readonly type: 'plain_text';
  readonly text: string;
}

interface Markup {
  readonly type: 'mrkdwn';
  readonly text: string;
}

/** A paragraph of markup. */
export interface SectionBlock {
  readonly type: 'section';
  readonly text: Markup;
}

/** A paragraph of markup in small letters. */
export interface ContextBlock {
  readonly type: 'context';
  readonly elements: Markup[];
}

/** Text word for word. */
export interface PreformattedBlock {
  readonly type: 'rich_text';
  readonly elements: { readonly type: 'rich_text_preformatted'; readonly elements: { readonly type: 'text'; readonly text: string }[] }[];
}

/** Text without markup; a dash for none, since Slack refuses an empty text. */
export function plain(text: string, most: number): Plain {
  return { type: 'plain_text', text: cut(visible(text), most) || '-' };
}

/** A paragraph of markup; a dash for none. */
export function section(markup: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup || '-' } };
}

/** A paragraph in small letters. */
export function context(markup: string): ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: markup }] };
}

/** Text word for word, of at most SECTION characters. */
export function preformatted(text: string): PreformattedBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }] };
}
