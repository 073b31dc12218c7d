import { distance } from 'fastest-levenshtein';

/** The names most like a mistyped one, best first; at most `most`, and only those that differ in less than half their length. */
export function nearest(wanted: string, known: readonly string[], most = 3): readonly string[] {
  return known
    .map((name) => ({ name, apart: distance(wanted, name) }))
    .filter(({ name, apart }) => apart < Math.max(wanted.length, name.length) / 2 || name.includes(wanted) || wanted.includes(name))
    .sort((a, b) => a.apart - b.apart || a.name.localeCompare(b.name))
    .slice(0, most)
    .map(({ name }) => name);
}
