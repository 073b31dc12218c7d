/** What checks are about, in the order in which one rests on another. */
export const CATEGORIES = ['configuration', 'slack', 'redis', 'cluster', 'registries', 'replicas'] as const;
export type Category = (typeof CATEGORIES)[number];

/** What a check has seen. `says` is one sentence; `hint` is what to do. */
export type Seen =
  | { readonly status: 'ok'; readonly says: string }
  /** It works, and something of it does not, or soon will not. */
  | { readonly status: 'warning'; readonly says: string; readonly hint: string }
  | { readonly status: 'broken'; readonly says: string; readonly hint: string }
  /** It was not made, and why. */
  | { readonly status: 'skipped'; readonly says: string };

/** A check: what it is called, what it rests on, and how it is made. */
export interface Check {
  /** Its anchor in docs/doctor.md. */
  readonly id: string;
  readonly category: Category;
  /** The cluster that it is about, where there may be several. */
  readonly about?: string;
  /** Keys of checks that have to be fine first. */
  readonly needs: readonly string[];
  /** Looks, and ends when `signal` does. What it throws is what is broken. */
  readonly look: (signal: AbortSignal) => Promise<Seen>;
  /** What to do where `look` throws; the code of the error stands there otherwise. */
  readonly ifThrown?: string;
}

/** A check that was made. */
export type Checked = Pick<Check, 'id' | 'category' | 'about'> & Seen;

/** Tells checks apart: the same check is made for each cluster. */
export function keyOf({ id, about }: Pick<Check, 'id' | 'about'>): string {
  return about === undefined ? id : `${id}/${about}`;
}

/** What people read a check by: its id, and the cluster that it is about. */
export function nameOf({ id, about }: { readonly id: string; readonly about?: string | undefined }): string {
  return about === undefined ? id : `${id} (${about})`;
}

/** Whether anything does not work. Warnings do. */
export function isBroken(checked: readonly Checked[]): boolean {
  return checked.some(({ status }) => status === 'broken');
}
