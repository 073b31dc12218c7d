import type { Inline, Piece } from '../../incident/message.ts';

/** Another incident that pods went to, or came from, because two causes were behind what looked like one. */
export interface RelatedIncident {
  readonly how: 'from' | 'to';
  readonly by: 'node' | 'namespace';
  readonly value: string;
  /** Where its card can be read; absent where it has none. */
  readonly url?: string | undefined;
}

/** More than these are counted. */
const MAX_SHOWN = 2;

/** Small print on what was split off. No other namespace is named: the channel may not know of it. */
export function relatedPieces(related: readonly RelatedIncident[]): readonly Piece[] {
  const left = related.length - MAX_SHOWN;
  return [
    ...related.slice(0, MAX_SHOWN).map((one): Piece => ({ kind: 'note', text: [wordsOf(one), ...linkOf(one)] })),
    ...(left > 0 ? [{ kind: 'note', text: [`and ${left} more`] } as const] : []),
  ];
}

function wordsOf({ how, by, value }: RelatedIncident): string {
  const which = by === 'node' ? `pods on ${value}` : 'pods of another namespace';
  return how === 'to' ? `Split: ${which} fail for another cause` : 'Split from an incident that looked the same and has another cause';
}

function linkOf({ url }: RelatedIncident): readonly Inline[] {
  return url === undefined ? [] : [' · ', { kind: 'link', url, text: 'its card' }];
}
