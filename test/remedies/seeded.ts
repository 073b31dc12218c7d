/** Random numbers that are the same each time: mulberry32. */
export function seeded(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    below,
    /** One of some; there has to be one. */
    pick<T>(from: readonly T[]): T {
      const at = below(from.length);
      if (from.length === 0) throw new Error('there is nothing to pick from');
      return from[at] as T;
    },
  };
}
export type Seeded = ReturnType<typeof seeded>;
