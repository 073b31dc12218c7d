/** A message as it stands, with what it was. */
export interface StoredMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | undefined;
  readonly user: string;
  text: string;
  blocks: readonly unknown[];
  metadata: unknown;
  readonly attachments: readonly unknown[];
  /** Times of edits, ms since 1970. */
  readonly edits: number[];
  readonly postedAt: number;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly private: boolean;
  archived: boolean;
  /** Whether another organisation is in it. */
  shared: boolean;
  readonly members: Set<string>;
}

export interface Ephemeral {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly threadTs: string | undefined;
}

/** What a workspace holds: channels, messages, windows. */
export class Workspace {
  readonly botUser = 'U0BOT';
  readonly botId = 'B0BOT';
  readonly channels = new Map<string, Channel>();
  readonly messages: StoredMessage[] = [];
  readonly ephemerals: Ephemeral[] = [];
  /** Whether the app's Messages Tab is on, without which it cannot write to people. */
  messagesTab = true;
  readonly views: { readonly id: string; readonly user: string; view: unknown }[] = [];
  readonly homes = new Map<string, unknown>();
  /** Those who are not plain members of team T0. */
  readonly people = new Map<string, { readonly team?: string; readonly guest?: boolean; readonly admin?: boolean }>();
  /** Members of user groups. */
  readonly groups = new Map<string, readonly string[]>();
  readonly #now: () => number;
  #last = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  addChannel(id: string, name: string, members: readonly string[], isPrivate = false): Channel {
    const channel = { id, name, private: isPrivate, archived: false, shared: false, members: new Set(members) };
    this.channels.set(id, channel);
    return channel;
  }

  /** Seconds with six digits, never the same twice: Slack's names of messages. */
  nextTs(): string {
    this.#last = Math.max(this.#last + 1, this.#now() * 1000);
    return `${Math.floor(this.#last / 1_000_000)}.${String(this.#last % 1_000_000).padStart(6, '0')}`;
  }

  post(given: {
    readonly channel: string;
    readonly user: string;
    readonly text: string;
    readonly threadTs?: string | undefined;
    readonly blocks?: readonly unknown[];
    readonly metadata?: unknown;
    readonly attachments?: readonly unknown[];
  }): StoredMessage {
    const message: StoredMessage = {
      channel: given.channel,
      user: given.user,
      text: given.text,
      ts: this.nextTs(),
      threadTs: given.threadTs,
      blocks: given.blocks ?? [],
      metadata: given.metadata,
      attachments: given.attachments ?? [],
      edits: [],
      postedAt: this.#now(),
    };
    this.messages.push(message);
    return message;
  }

  find(channel: string, ts: string): StoredMessage | undefined {
    return this.messages.find((message) => message.channel === channel && message.ts === ts);
  }
}
