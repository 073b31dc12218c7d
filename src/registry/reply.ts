import type { Refusal } from '../facts/registry-answer.ts';

/** A reply of the registry below 400, or why there is none. */
export type Reply =
  | { readonly status: 'reply'; readonly httpStatus: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | Refusal;
