import type { Message, Posted } from '../incident/message.ts';

/** One thing to do in a chat: a message that is new, or one whose content changed. */
export type ChatOperation =
  | { readonly op: 'post'; readonly message: Message }
  | { readonly op: 'update'; readonly ts: string; readonly message: Message };

/** The fewest operations that turn what was said into what should be said. */
export function diffThread(wanted: readonly Message[], posted: Posted, digestOf: (message: Message) => string): readonly ChatOperation[] {
  return wanted.flatMap((message): ChatOperation[] => {
    const before = posted[message.key];
    if (before?.status !== 'posted') return [{ op: 'post', message }];
    return before.digest === digestOf(message) ? [] : [{ op: 'update', ts: before.ts, message }];
  });
}
