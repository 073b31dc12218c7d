/** The process answers others at least this often while it looks through many things, ms. */
const SLICE_MS = 10;

/** Maps many things one by one and lets other work of the process through in between. */
export async function mapInSlices<T, R>(items: readonly T[], work: (item: T) => R): Promise<R[]> {
  const results: R[] = [];
  let since = performance.now();
  for (const item of items) {
    results.push(work(item));
    if (performance.now() - since < SLICE_MS) continue;
    await new Promise(setImmediate);
    since = performance.now();
  }
  return results;
}

/** The same answer for the same question, for as long as this function is kept. */
export function remembered<R>(work: (text: string) => R): (text: string) => R {
  const known = new Map<string, R>();
  return (text) => {
    if (known.has(text)) return known.get(text) as R;
    const result = work(text);
    known.set(text, result);
    return result;
  };
}
