import { createHash } from 'node:crypto';
import type { Message, Posted } from '../incident/message.ts';

/** One thing to do in a chat: a message that is new, or one whose content changed. */
export type ChatOperation =
  | { readonly op: 'post'; readonly message: Message }
  | { readonly op: 'update'; readonly ts: string; readonly message: Message };

/** The fewest operations that turn what was posted into what is wanted. */
export function differenceOf(wanted: readonly Message[], posted: Posted): readonly ChatOperation[] {
  return wanted.flatMap((message): ChatOperation[] => {
    const before = posted[message.key];
    if (before?.status !== 'posted') return [{ op: 'post', message }];
    return before.digest === digestOf(message) ? [] : [{ op: 'update', ts: before.ts, message }];
  });
}

/** Stands for the content of a message, whose text says what its pieces say. */
export function digestOf(message: Message): string {
  return createHash('sha256').update(JSON.stringify(message.pieces)).digest('base64url');
}
