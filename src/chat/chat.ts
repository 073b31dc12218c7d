import type { Place } from '../incident/incident.ts';
import type { Message } from '../incident/message.ts';

/** Where incidents are shown. Throws CodedError `chat/…`, retryable where it may pass; everything else lasts until a person does something. */
export interface Chat {
  /** Posts a message and returns its name. `root` is the name of the incident's first message, for those that belong into its thread. */
  post(about: Posting, message: Message): Promise<{ readonly ts: string }>;
  update(about: Posting, ts: string, message: Message): Promise<void>;
  /** The name of a message that a writer who died may have posted since a time; undefined when there is none. */
  find(about: Posting, key: string, since: Date): Promise<{ readonly ts: string } | undefined>;
  /**
   * What a store that has lost everything may have had posted since a time: the newest card in the channel that was about the subject when it was last
   * shown, or the newest reply of this kind that another incident has in the thread. The answer says whose it was; undefined when there is none.
   */
  findForgotten(about: Posting, key: string, since: Date): Promise<{ readonly ts: string; readonly incidentId: string } | undefined>;
  /** Shows a message to one person alone: where they asked, or in a conversation with them where that is impossible. */
  notify(to: Recipient, message: Message): Promise<void>;
  /** The address of a message; undefined where a chat has none. */
  link(place: Place, ts: string): Promise<string | undefined>;
}

/** What a message is about and where it belongs. */
export interface Posting {
  readonly incidentId: string;
  readonly place: Place;
  readonly root?: string;
  /** Of an open incident that everybody may know: what its card is found by where the store has forgotten it. */
  readonly subject?: string;
}

/** One person, by the chat's id, and where they asked. */
export interface Recipient {
  readonly user: string;
  readonly place: Place;
}
