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

/** A message that one person alone sees, until they dismiss it. */
export interface Ephemeral {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly threadTs: string | undefined;
}

/** A window (modal) that an app opened for somebody. Those that one person has open lie upon each other, the last on top. */
export interface OpenedView {
  readonly id: string;
  /** Who triggered it. */
  readonly user: string;
  view: unknown;
  /** Counts what it was replaced by. */
  version: number;
  open: boolean;
  /** What is wrong with its fields, by block, after it was sent off in vain. */
  errors: Readonly<Record<string, string>>;
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
  readonly views: OpenedView[] = [];
  readonly homes = new Map<string, unknown>();
  /** Those who are not plain members of team T0. */
  readonly people = new Map<string, { readonly team?: string; readonly guest?: boolean; readonly admin?: boolean }>();
  /** Members of user groups. */
  readonly groups = new Map<string, readonly string[]>();
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #last = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  addChannel(id: string, name: string, members: readonly string[], isPrivate = false): Channel {
    const channel = { id, name, private: isPrivate, archived: false, shared: false, members: new Set(members) };
    this.channels.set(id, channel);
    return channel;
  }

  /** Calls the listener after each change; what it returns ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells that something of it has changed. */
  changed(): void {
    for (const listener of this.#listeners) listener();
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
    this.changed();
    return message;
  }

  /** Shows something to one person alone, and names it. */
  whisper(given: Omit<Ephemeral, 'ts'>): string {
    const ts = this.nextTs();
    this.ephemerals.push({ ...given, ts });
    this.changed();
    return ts;
  }

  /** Opens a window on top of those that the person has open. */
  openView(user: string, view: unknown): OpenedView {
    const opened: OpenedView = { id: `V${this.views.length + 1}`, user, view, version: 1, open: true, errors: {} };
    this.views.push(opened);
    this.changed();
    return opened;
  }

  /** Shows another view in a window's place. */
  replaceView(opened: OpenedView, view: unknown): void {
    opened.view = view;
    opened.version++;
    opened.errors = {};
    this.changed();
  }

  find(channel: string, ts: string): StoredMessage | undefined {
    return this.messages.find((message) => message.channel === channel && message.ts === ts);
  }
}
