import { parseJson } from '../facts/json.ts';

const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** The tags of one page and how many it held; undefined when the body is something else. `tags` is null for an empty repository in some registries. */
export function readTags(body: string): { readonly tags: readonly string[]; readonly held: number } | undefined {
  const json = parseJson(body);
  if (typeof json !== 'object' || json === null || !('tags' in json)) return undefined;
  if (json.tags === null) return { tags: [], held: 0 };
  // By hand: a schema would make an issue for each of a million wrong items.
  return Array.isArray(json.tags)
    ? { tags: json.tags.filter((tag) => typeof tag === 'string' && TAG.test(tag)), held: json.tags.length }
    : undefined;
}
