import { isDeepStrictEqual } from 'node:util';
import { strategyOf } from './merge-keys.ts';
import { type Fields, isFields } from './merge-patch.ts';

/** What is wrong with a strategic patch, in the words of apimachinery/pkg/util/strategicpatch. */
export class StrategicPatchError extends Error {
  override readonly name = 'StrategicPatchError';
}

/**
 * What a strategic merge patch makes of an object: as a merge patch, but lists whose elements have a name are merged by it. Knows `$patch`; throws
 * at another directive, which only `kubectl apply` and `kubectl edit` send.
 */
export function strategicallyMerged(target: Fields, patch: Fields, path: readonly string[] = []): Fields {
  const directive = patch['$patch'];
  if (directive !== undefined) {
    const { $patch: _, ...rest } = patch;
    if (directive === 'replace') return clean(rest);
    if (directive === 'delete') return {};
    if (directive !== 'merge') throw new StrategicPatchError(`unknown patch type: ${String(directive)}`);
    return strategicallyMerged(target, rest, path);
  }
  const merged: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) throw new StrategicPatchError(`the stand-in does not know ${key}`);
    const before = merged[key];
    const inside = [...path, key];
    if (value === null) delete merged[key];
    else if (isFields(value) && isFields(before)) merged[key] = strategicallyMerged(before, value, inside);
    else if (Array.isArray(value) && Array.isArray(before)) merged[key] = mergedList(before, value, inside);
    else merged[key] = cleanValue(value);
  }
  return merged;
}

function mergedList(before: readonly unknown[], patch: readonly unknown[], path: readonly string[]): readonly unknown[] {
  const strategy = strategyOf(path);
  if (strategy.by === 'replace') return patch;
  if (strategy.by === 'value') return ordered([...new Set([...before, ...patch])], before, (item) => patch.includes(item), patch);
  const { key } = strategy;
  const keyOf = (item: unknown): unknown => {
    const found = isFields(item) ? item[key] : undefined;
    if (found === undefined) throw new StrategicPatchError(`map: ${shownMap(item)} does not contain declared merge key: ${key}`);
    return found;
  };
  const directives = patch.filter(isFields);
  const wanted = directives.filter((item) => item['$patch'] === undefined);
  if (directives.some((item) => item['$patch'] === 'replace')) return wanted.map(clean);
  const removed = directives.filter((item) => item['$patch'] === 'delete').map(keyOf);
  const merged = before.filter((item) => !removed.includes(keyOf(item)));
  for (const item of wanted) {
    const at = merged.findIndex((other) => isDeepStrictEqual(keyOf(other), keyOf(item)));
    const other = merged[at];
    if (isFields(other)) merged[at] = strategicallyMerged(other, item, path);
    else merged.push(clean(item));
  }
  const keys = wanted.map(keyOf);
  return ordered(merged, before, (item) => keys.includes(keyOf(item)), wanted, keyOf);
}

/** What the patch names stands in the patch's order, what is new in it before what follows; the rest where it stood. */
function ordered(
  merged: readonly unknown[],
  before: readonly unknown[],
  isPatched: (item: unknown) => boolean,
  patch: readonly unknown[],
  keyOf: (item: unknown) => unknown = (item) => item,
): readonly unknown[] {
  const placeIn = (list: readonly unknown[], item: unknown) => list.findIndex((other) => isDeepStrictEqual(keyOf(other), keyOf(item)));
  const patched = merged.filter(isPatched).sort((a, b) => placeIn(patch, a) - placeIn(patch, b));
  const rest = merged.filter((item) => !isPatched(item));
  const result: unknown[] = [];
  for (const item of patched) {
    const there = placeIn(before, item);
    while (rest[0] !== undefined && there >= 0 && placeIn(before, rest[0]) < there) result.push(rest.shift());
    result.push(item);
  }
  return [...result, ...rest];
}

/** What is new, without nulls and directives. */
function clean(patch: Fields): Fields {
  const entries = Object.entries(patch).filter(([key, value]) => value !== null && key !== '$patch');
  return Object.fromEntries(entries.map(([key, value]) => [key, cleanValue(value)]));
}

function cleanValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isFields(item) || item['$patch'] === undefined).map(cleanValue);
  return isFields(value) ? clean(value) : value;
}

/** As Go prints a map. */
function shownMap(item: unknown): string {
  return `map[${Object.entries(isFields(item) ? item : {})
    .map(([key, value]) => `${key}:${String(value)}`)
    .join(' ')}]`;
}
