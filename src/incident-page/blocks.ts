import type { Inline } from '../incident/message.ts';
import type { ScopeTable } from './scope-cells.ts';
import type { TimelineEntry } from './timeline.ts';

/** Words of a sentence; people are named before they come here. */
export type Words = readonly Inline[];

/** A part of a section, in words that know neither HTML nor Markdown. */
export type Block =
  | { readonly kind: 'paragraph'; readonly text: Words }
  | { readonly kind: 'points'; readonly label?: string; readonly items: readonly Words[] }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, text: Words])[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Words[])[] }
  | { readonly kind: 'timeline'; readonly entries: readonly TimelineEntry[] }
  | { readonly kind: 'verbatim'; readonly label: string; readonly text: string }
  | { readonly kind: 'scope'; readonly table: ScopeTable };

/** What is under one heading. `id` is the name of its anchor. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** The page of an incident before it is HTML or Markdown. */
export interface Contents {
  readonly title: string;
  readonly status: { readonly mark: 'open' | 'ended'; readonly text: Words };
  readonly sections: readonly Section[];
  readonly foot: Words;
}
