import { cut, visible } from './text.ts';

/** Most characters of a section's text and of a preformatted part. */
export const SECTION = 3000;

/** Text without markup, of at most so many characters. */
export interface Plain {
  readonly type: 'plain_text';
  readonly text: string;
}

/** Markup in which Slack makes no links or mentions by itself: names of images and pods look like both. */
interface Markup {
  readonly type: 'mrkdwn';
  readonly text: string;
  readonly verbatim: true;
}

/** A paragraph of markup, perhaps with a button beside it. */
export interface SectionBlock {
  readonly type: 'section';
  readonly text: Markup;
  readonly accessory?: ButtonElement;
}

/** A button; `value` comes back with the click. */
export interface ButtonElement {
  readonly type: 'button';
  readonly text: Plain;
  readonly action_id: string;
  readonly value: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: Confirm;
}

interface Confirm {
  readonly title: Plain;
  readonly text: Plain;
  readonly confirm: Plain;
  readonly deny: Plain;
}

/** A menu behind three dots. An entry with an address opens it. */
export interface OverflowElement {
  readonly type: 'overflow';
  readonly action_id: string;
  readonly options: readonly { readonly text: Plain; readonly value: string; readonly url?: string }[];
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
  return { type: 'section', text: mrkdwn(markup || '-') };
}

/** A paragraph in small letters. */
export function context(markup: string): ContextBlock {
  return { type: 'context', elements: [mrkdwn(markup)] };
}

function mrkdwn(text: string): Markup {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** Text word for word, of at most SECTION characters. */
export function preformatted(text: string): PreformattedBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }] };
}
