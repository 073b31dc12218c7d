/** The rules by which an image of the plan is left alone, and what a runtime does against its removal. */
export const KEEP_RULES = [
  'in-use',
  'pinned',
  'sandbox',
  'awaited',
  'pattern',
  'too-young',
  'other-names',
  'refused',
  'still-there',
] as const;
export type KeepRule = (typeof KEEP_RULES)[number];

/** How a pruning ends. After `unresolved`, `runtime` and `unmeasured` nothing more was removed; it can be run again. */
export const STOPS = ['done', 'goal-reached', 'unresolved', 'runtime', 'unmeasured', 'interrupted'] as const;
export type Stop = (typeof STOPS)[number];

/** What became of one image of the plan. */
export type PruneOutcome =
  | { readonly status: 'removed' }
  | { readonly status: 'absent' }
  | { readonly status: 'kept'; readonly rule: KeepRule; readonly because: string }
  /** The connection went away while it was being removed. */
  | { readonly status: 'unknown'; readonly because: string }
  | { readonly status: 'not-reached' };
