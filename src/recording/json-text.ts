/** A line of a recording is at most this long, unless one text in it is longer. */
const WIDTH = 160;

/**
 * A value as JSON text that can be read and compared line by line: what fits on a line stays on one, anything else has a line for each of its
 * members, in the order that they have. Members without a value are left out, as JSON.stringify does.
 */
export function jsonText(value: unknown): string {
  // Once through JSON, so that no member is left that has no text.
  return `${laidOut(JSON.parse(JSON.stringify(value)), '', 0)}\n`;
}

/** `before` is how many characters stand before the value on its line, and after it a comma. */
function laidOut(value: unknown, indent: string, before: number): string {
  const flat = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || before + flat.length < WIDTH) return flat;
  const inner = `${indent} `;
  const lines = Array.isArray(value)
    ? value.map((item) => laidOut(item, inner, inner.length))
    : Object.entries(value).map(([key, member]) => {
        const name = `${JSON.stringify(key)}: `;
        return `${name}${laidOut(member, inner, inner.length + name.length)}`;
      });
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.map((line) => inner + line).join(',\n')}\n${indent}${close}`;
}
