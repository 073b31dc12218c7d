import type { Chat, Posting } from '../chat/chat.ts';
import type { Message, Posted, PostedMessage } from '../incident/message.ts';
import type { Store } from '../store/store.ts';
import { type ChatOperation, digestOf } from './difference.ts';

/** What is told, and since when its trouble lasts, RFC 3339; that is known of an incident that nobody asked for. */
interface Told extends Omit<Posting, 'root'> {
  readonly since?: string;
}

/** Does one thing in the chat and writes down what became of it; the answer is what is posted then. Throws what the chat and the store throw. */
export interface Poster {
  perform(about: Told, operation: ChatOperation, posted: Posted): Promise<Posted>;
}

/** Writes down what is about to be posted; who finds that looks first whether an earlier one got that far. */
export function createPoster(parts: { readonly store: Store; readonly chat: Chat; readonly now: () => Date }): Poster {
  const { store, chat, now } = parts;

  async function post(about: Told & Posting, message: Message, posted: Posted): Promise<string> {
    const earlier = posted[message.key];
    if (earlier?.status === 'posting') {
      const found = await chat.find(about, message.key, new Date(earlier.since));
      if (found) {
        await chat.update(about, found.ts, message);
        return found.ts;
      }
    }
    const forgotten = await forgottenMessage(about, message.key);
    if (forgotten !== undefined) {
      await chat.update(about, forgotten, message);
      return forgotten;
    }
    if (earlier === undefined) await store.posted.write(about.incidentId, message.key, { status: 'posting', since: now().toISOString() });
    return (await chat.post(about, message)).ts;
  }

  /** What was posted of a trouble that began before the store did, where that lost what it knew; what it said is brought up to date. */
  async function forgottenMessage(about: Told & Posting, key: string): Promise<string | undefined> {
    const { incidentId, subject, since } = about;
    if (subject === undefined || since === undefined || Date.parse(since) >= (await store.began()).getTime()) return undefined;
    const found = await chat.findForgotten(about, key, new Date(since));
    if (found === undefined || found.incidentId === incidentId) return found?.ts;
    const [known] = await store.incidents.readMany([found.incidentId]);
    return known === undefined ? found.ts : undefined;
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
