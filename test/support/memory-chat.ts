import type { Chat, Posting, Recipient } from '../../src/chat/chat.ts';
import { CodedError } from '../../src/errors.ts';
import type { Message } from '../../src/incident/message.ts';

/** What the next call of a chat does instead of working: `applied` does the work and then fails all the same. */
export type Fault = { readonly error: CodedError; readonly applied?: boolean };

export interface ShownMessage {
  about: Posting;
  readonly key: string;
  text: string;
  edits: number;
}

/** A chat that keeps what it was given, and fails when asked to. */
export class MemoryChat implements Chat {
  readonly said: ShownMessage[] = [];
  readonly notices: (Recipient & { readonly text: string })[] = [];
  readonly faults: Fault[] = [];

  async post(about: Posting, message: Message): Promise<{ ts: string }> {
    return this.#faulty(() => {
      this.said.push({ about, key: message.key, text: message.text, edits: 0 });
      return { ts: String(this.said.length - 1) };
    });
  }

  async update(about: Posting, ts: string, message: Message): Promise<void> {
    return this.#faulty(() => {
      const said = this.said[Number(ts)];
      if (!said) throw new CodedError('chat/message-gone', `There is no message ${ts}.`);
      said.about = about;
      said.text = message.text;
      said.edits += 1;
    });
  }

  async find(about: Posting, key: string): Promise<{ ts: string } | undefined> {
    const at = this.said.findIndex((said) => said.about.incidentId === about.incidentId && said.key === key);
    return at < 0 ? undefined : { ts: String(at) };
  }

  async findForgotten({ subject, root, incidentId }: Posting, wanted: string): Promise<{ ts: string; incidentId: string } | undefined> {
    const isReply = ({ about, key }: ShownMessage) =>
      about.root === root && kindOf(key) === kindOf(wanted) && about.incidentId !== incidentId;
    const isCard = ({ about, key }: ShownMessage) => key === 'card' && about.subject === subject;
    const at = this.said.findLastIndex(wanted === 'card' ? isCard : isReply);
    const found = this.said[at];
    return found && { ts: String(at), incidentId: found.about.incidentId };
  }

  async notify(to: Recipient, message: Message): Promise<void> {
    return this.#faulty(() => void this.notices.push({ ...to, text: message.text }));
  }

  async link({ channel }: Posting['place'], ts: string): Promise<string> {
    return `https://chat.example/${channel}/${ts}`;
  }

  #faulty<T>(work: () => T): T {
    const fault = this.faults.shift();
    if (!fault) return work();
    if (fault.applied) work();
    throw fault.error;
  }
}

/** Without the run that a reply is of. */
const kindOf = (key: string) => key.split('.', 1)[0];

export const busy = (retryAfterMs: number) => new CodedError('chat/busy', 'too many messages', { retryable: true, retryAfterMs });
export const broken = new CodedError('chat/unavailable', 'the connection was cut', { retryable: true });
export const archived = new CodedError('chat/channel-gone', 'The channel is archived.');
