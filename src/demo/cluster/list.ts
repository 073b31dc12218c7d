import type { Answer } from './answers.ts';
import { writeToken } from './continue-token.ts';
import { type ListOptions, readListOptions } from './list-options.ts';
import type { ObjectStore } from './object-store.ts';
import type { StoredObject } from './objects.ts';
import { apiVersionOf, type Place } from './resources.ts';
import { isAnswer, readSelection, type Selection } from './selection.ts';

/** Lists what a place and its selectors name, in pages, each as of the version of the first one. */
export function answerList(store: ObjectStore, place: Place, query: URLSearchParams): Answer {
  const selection = readSelection(place.resource, place.namespace, query);
  if (isAnswer(selection)) return selection;
  const wanted = readListOptions(store, place.resource, query);
  if (isAnswer(wanted)) return wanted;
  const { items, last, remaining } = page(store, place, selection, wanted);
  const more = last === undefined ? {} : { continue: writeToken({ version: wanted.version, after: last.slice(selection.prefix.length) }) };
  // With a selector, the API server would have to look at the rest to count it.
  const left = last === undefined || selection.narrowed ? {} : { remainingItemCount: remaining };
  return {
    status: 200,
    body: {
      kind: `${place.resource.kind}List`,
      apiVersion: apiVersionOf(place.resource),
      metadata: { resourceVersion: String(wanted.version), ...more, ...left },
      items,
    },
  };
}

/** Objects of one page; `last` is its last key where there are more. */
function page(
  store: ObjectStore,
  { resource }: Place,
  { prefix, matches, narrowed }: Selection,
  { version, limit, after }: ListOptions,
): { readonly items: readonly StoredObject[]; readonly last?: string; readonly remaining: number } {
  const items: StoredObject[] = [];
  let last = '';
  const from = after === undefined ? prefix : `${prefix}${after}\u0000`;
  for (const [key, object] of store.range(resource, { prefix, from, version })) {
    if (items.length === limit) {
      if (!narrowed) return { items, last, remaining: store.countAfter(resource, prefix, last) };
      if (matches(object)) return { items, last, remaining: 0 };
      continue;
    }
    if (!matches(object)) continue;
    items.push(object);
    last = key;
  }
  return { items, remaining: 0 };
}
