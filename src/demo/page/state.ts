/**
 * What the page is told, in three parts, each anew where it has changed. Types alone: the page in the browser shares them with its server.
 */
export interface PageState {
  readonly stage: StageState;
  readonly slack: SlackState;
  readonly behind: BehindState;
}
export type PartName = keyof PageState;

/** The story that is on, and how far it is. */
export interface StageState {
  readonly stories: readonly { readonly id: string; readonly title: string }[];
  /** Another number with each story that begins, also with the same one. */
  readonly scene: number;
  readonly story: string;
  readonly title: string;
  /** `opening` until the bot is there and all has happened that happens before anybody asks. */
  readonly phase: 'opening' | 'open' | 'failed';
  /** Why it failed. */
  readonly because?: string | undefined;
  /** What has happened so far, in the story's words, and what was done for the one who looks on. */
  readonly told: readonly { readonly who?: string | undefined; readonly text: string }[];
  /** What to do next; absent where nothing is left to do. */
  readonly hint?: { readonly who?: string | undefined; readonly text: string } | undefined;
  /** Everything that the story tells of has come about. */
  readonly ended: boolean;
  /** Where it would have been wrong, in the story's words; only once it has ended. */
  readonly doubt?: string | undefined;
  /** Steps are done for the one who looks on. */
  readonly playing: boolean;
  /** Why that came to an end before its time. */
  readonly stuck?: string | undefined;
  /** Who acts while steps are done for the one who looks on: a user's id. */
  readonly actor?: string | undefined;
  readonly clock: {
    /** ms since 1970, at the moment `saidAtMs` of the machine. */
    readonly nowMs: number;
    readonly saidAtMs: number;
    /** 0 while it stands still. */
    readonly speed: number;
    /** The story's own. */
    readonly usual: number;
  };
}

/** Somebody who can be chosen to act. */
export interface PersonState {
  readonly id: string;
  readonly name: string;
  /** In two or three words. */
  readonly role: string;
  readonly about: string;
}

export interface MessageState {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string | undefined;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly edited: boolean;
}

export interface EphemeralState extends MessageState {
  /** Who alone sees it. */
  readonly to: string;
}

export interface ViewState {
  /** Its place among all windows so far, by which it is sent off. */
  readonly at: number;
  readonly id: string;
  readonly user: string;
  readonly view: unknown;
  readonly version: number;
  readonly errors: Readonly<Record<string, string>>;
}

/** What the workspace holds, for everybody in it: the page shows what the chosen person may see. */
export interface SlackState {
  readonly bot: { readonly id: string; readonly name: string };
  readonly people: readonly PersonState[];
  readonly channels: readonly { readonly id: string; readonly name: string; readonly topic: string }[];
  /** Those to a person have that person's id for a channel. */
  readonly messages: readonly MessageState[];
  readonly ephemerals: readonly EphemeralState[];
  /** Open windows, the last on top. */
  readonly views: readonly ViewState[];
  /** Blocks of the app's Home, by user. */
  readonly homes: Readonly<Record<string, readonly unknown[]>>;
  /** What can be written behind /imagepull. */
  readonly commands: readonly { readonly usage: string; readonly what: string }[];
}

/** Requests to a server so far. */
export interface RequestsState {
  readonly total: number;
  /** The newest last. */
  readonly last: readonly { readonly at: number; readonly line: string }[];
}

/** What happens behind the scenes. */
export interface BehindState {
  readonly cluster: RequestsState;
  readonly registry: RequestsState;
  readonly mirror?: RequestsState | undefined;
  readonly pods: {
    readonly total: number;
    readonly running: number;
    readonly shown: readonly { readonly name: string; readonly image: string; readonly state: string; readonly node: string }[];
  };
  readonly workloads: readonly { readonly name: string; readonly kind: string; readonly image: string; readonly ready: string }[];
  /** What the bot warned of, the newest last. */
  readonly warnings: readonly string[];
  /** Tasks of the bot that wait or are under way; absent where it did not say. */
  readonly tasks?: number | undefined;
  /** How many records of each kind the bot keeps. */
  readonly kept: Readonly<Record<'incidents' | 'runs' | 'plans', number>>;
}

/** What a deed comes to. */
export type DeedAnswer =
  | { readonly ok: true; readonly options?: readonly OptionState[] }
  /** What the person is told. */
  | { readonly ok: false; readonly says: string };

export interface OptionState {
  readonly text: string;
  readonly value: string;
  readonly description?: string | undefined;
}
