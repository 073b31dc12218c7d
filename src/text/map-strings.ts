/** A JSON-like value with every string in it changed. `key` is the field that holds the string; empty at the top and in lists. */
export function mapStrings<T>(value: T, change: (text: string, key: string) => string): T {
  return walk(value, '', change) as T; // the shape is kept: only strings change
}

function walk(value: unknown, key: string, change: (text: string, key: string) => string): unknown {
  if (typeof value === 'string') return change(value, key);
  if (Array.isArray(value)) return value.map((inner) => walk(inner, '', change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner, name, change)]));
}
