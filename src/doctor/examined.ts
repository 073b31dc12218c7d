import { shortened } from '../text/wording.ts';
import type { Checked } from './check.ts';

/** What an examination found, short enough for a sign of life. */
export interface Examined {
  /** RFC 3339. */
  readonly at: string;
  /** How many checks were made. */
  readonly made: number;
  /** What is not fine, in the order of the checks. */
  readonly wrong: readonly Wrong[];
}

/** A check that found something. */
export interface Wrong {
  readonly id: string;
  readonly about?: string | undefined;
  readonly status: 'warning' | 'broken';
  readonly says: string;
  readonly hint: string;
}

const MOST = 20;
const MAX_CHARACTERS = 400;

/** The short form of an examination: what is not fine, the 20 first of it. */
export function examinedOf(checked: readonly Checked[], at: Date): Examined {
  const wrong = checked.flatMap((one) =>
    one.status === 'warning' || one.status === 'broken'
      ? [
          {
            id: one.id,
            ...(one.about === undefined ? {} : { about: one.about }),
            status: one.status,
            says: shortened(one.says, MAX_CHARACTERS),
            hint: shortened(one.hint, MAX_CHARACTERS),
          },
        ]
      : [],
  );
  return { at: at.toISOString(), made: checked.filter(({ status }) => status !== 'skipped').length, wrong: wrong.slice(0, MOST) };
}
