import type { Chat, Posting } from '../chat/chat.ts';
import type { Message, Posted, PostedMessage } from '../incident/message.ts';
import type { Store } from '../store/store.ts';
import { type ChatOperation, digestOf } from './difference.ts';

/** Does one thing in the chat and writes down what became of it; the answer is what is posted then. Throws what the chat and the store throw. */
export interface Poster {
  perform(about: Omit<Posting, 'root'>, operation: ChatOperation, posted: Posted): Promise<Posted>;
}

/** Writes down what is about to be posted; who finds that looks first whether an earlier one got that far. */
export function createPoster(parts: { readonly store: Store; readonly chat: Chat; readonly now: () => Date }): Poster {
  const { store, chat, now } = parts;

  async function post(about: Posting, message: Message, posted: Posted): Promise<string> {
    const earlier = posted[message.key];
    if (earlier?.status === 'posting') {
      const found = await chat.find(about, message.key, new Date(earlier.since));
      if (found) {
        await chat.update(about, found.ts, message);
        return found.ts;
      }
    } else await store.posted.write(about.incidentId, message.key, { status: 'posting', since: now().toISOString() });
    return (await chat.post(about, message)).ts;
  }

  return {
    async perform(of, operation, posted) {
      const { message } = operation;
      const about = { ...of, ...rootOf(posted) };
      const ts = operation.op === 'update' ? operation.ts : await post(about, message, posted);
      if (operation.op === 'update') await chat.update(about, ts, message);
      const entry: PostedMessage = { status: 'posted', ts, digest: digestOf(message) };
      await store.posted.write(about.incidentId, message.key, entry);
      return { ...posted, [message.key]: entry };
    },
  };
}

function rootOf(posted: Posted): Pick<Posting, 'root'> {
  const card = posted['card'];
  return card?.status === 'posted' ? { root: card.ts } : {};
}
