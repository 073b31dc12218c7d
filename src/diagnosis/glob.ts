/**
 * Go's filepath.Match for one host label, which has no slash: `*`, `?`, `[a-z]`, `[^a]` and `\\` as escape. A pattern that
 * Go refuses matches nothing. Takes time in proportion to pattern times text.
 */
export function globMatches(pattern: string, text: string): boolean {
  const parts = parse(pattern);
  if (!parts) return false;
  // The states in which the pattern may be after the characters read so far.
  let states = closure(new Set([0]), parts);
  for (const char of text) {
    const next = new Set<number>();
    for (const state of states) {
      const part = parts[state];
      if (part === undefined) continue;
      if (part.kind === 'star') next.add(state);
      else if (part.accepts(char)) next.add(state + 1);
    }
    states = closure(next, parts);
  }
  return states.has(parts.length);
}

type Part = { readonly kind: 'star' } | { readonly kind: 'one'; readonly accepts: (char: string) => boolean };

/** A star may stand for nothing. */
function closure(states: Set<number>, parts: readonly Part[]): Set<number> {
  for (const state of states) if (parts[state]?.kind === 'star') states.add(state + 1);
  return states;
}

function parse(pattern: string): readonly Part[] | undefined {
  const chars = [...pattern];
  const parts: Part[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at];
    if (char === '*') parts.push({ kind: 'star' });
    else if (char === '?') parts.push({ kind: 'one', accepts: () => true });
    else if (char === '[') {
      const set = parseSet(chars, at + 1);
      if (!set) return undefined;
      parts.push({ kind: 'one', accepts: set.accepts });
      at = set.end;
    } else if (char === '\\') {
      at += 1;
      const literal = chars[at];
      if (literal === undefined) return undefined;
      parts.push({ kind: 'one', accepts: (other) => other === literal });
    } else parts.push({ kind: 'one', accepts: (other) => other === char });
  }
  return parts;
}

function parseSet(
  chars: readonly string[],
  start: number,
): { readonly accepts: (char: string) => boolean; readonly end: number } | undefined {
  let at = start;
  const negated = chars[at] === '^';
  if (negated) at += 1;
  const ranges: (readonly [string, string])[] = [];
  while (ranges.length === 0 || chars[at] !== ']') {
    const low = member(chars, at);
    if (!low) return undefined;
    at = low.end;
    if (chars[at] !== '-') {
      ranges.push([low.char, low.char]);
      continue;
    }
    const high = member(chars, at + 1);
    if (!high) return undefined;
    ranges.push([low.char, high.char]);
    at = high.end;
  }
  return { accepts: (char) => ranges.some(([low, high]) => char >= low && char <= high) !== negated, end: at };
}

/** One character of a set; Go refuses a bare `-` or `]` in its place. */
function member(chars: readonly string[], at: number): { readonly char: string; readonly end: number } | undefined {
  const escaped = chars[at] === '\\';
  const char = chars[escaped ? at + 1 : at];
  if (char === undefined || (!escaped && (char === '-' || char === ']'))) return undefined;
  return { char, end: at + (escaped ? 2 : 1) };
}
