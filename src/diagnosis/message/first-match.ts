/** How many patterns are tried at once; with eight the search takes about two thirds of the time of one by one. */
const AT_ONCE = 8;

/** Finds the first of `rows` whose pattern matches. Rows that follow each other are first tried together. */
export function createFirstMatch<Row extends { readonly pattern: string }>(rows: readonly Row[]): (words: string) => Row | undefined {
  const groups = Array.from({ length: Math.ceil(rows.length / AT_ONCE) }, (_, index) => {
    const members = rows.slice(index * AT_ONCE, (index + 1) * AT_ONCE);
    return {
      any: new RegExp(members.map(({ pattern }) => `(?:${pattern})`).join('|')),
      members: members.map((row) => ({ row, pattern: new RegExp(row.pattern) })),
    };
  });
  return (words) => {
    for (const { any, members } of groups) {
      const found = any.test(words) ? members.find(({ pattern }) => pattern.test(words)) : undefined;
      if (found) return found.row;
    }
    return undefined;
  };
}
