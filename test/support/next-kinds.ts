import { z } from 'zod';
import type { Kinds } from '../../src/store/kinds.ts';

/** What each record of the next release has more than one of this release, which refuses what it does not know. */
const NEWS = z.looseObject({ news: z.literal('of the next release').optional() });

/** Makes the kinds of this release those of the next one: each a version ahead, with a field more. */
export function toNextRelease(kinds: Kinds): void {
  const all: readonly { readonly version: number; readonly schema: z.ZodType; readonly steps: readonly unknown[] }[] = Object.values(kinds);
  for (const kind of all) {
    const { version, schema, steps } = kind;
    Object.assign(kind, {
      version: version + 1,
      schema: NEWS.transform(({ news, ...known }) => {
        const record = schema.parse(known) as object;
        return news === undefined ? record : { ...record, news };
      }),
      steps: [
        ...steps,
        {
          upgrade: (record: unknown) => ({ ...NEWS.parse(record), news: 'of the next release' }),
          downgrade(record: unknown) {
            const { news: _, ...known } = NEWS.parse(record);
            return known;
          },
        },
      ],
    });
  }
}
