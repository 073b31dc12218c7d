/** What the access rules need to know of people and channels; a chat answers it. Throws CodedError `chat/…` where it cannot. */
export interface People {
  /** `member`: of the bot's own workspace, and no guest there. */
  person(user: string): Promise<{ readonly member: boolean }>;
  /** `joined`: the bot was invited; `open`: every member of the workspace may read it. A channel that the bot may not see is neither. */
  channel(id: string): Promise<{ readonly joined: boolean; readonly open: boolean }>;
  /** Whether somebody is in a user group. */
  isIn(user: string, group: string): Promise<boolean>;
}

/** Somebody who asks for something, and where. */
export interface Person {
  /** The chat's id. */
  readonly user: string;
  /** The channel in which they ask; absent where nothing is around, as in App Home. */
  readonly channel?: string;
  /** The workspace that they belong to, where the chat says so. */
  readonly team?: string;
}
