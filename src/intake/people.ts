/** What the access rules need to know of people and channels; a chat answers it. Throws CodedError `chat/…` where it cannot. */
export interface People {
  /** `member`: of the bot's own workspace, and no guest there. */
  person(user: string): Promise<PersonFacts>;
  /**
   * `joined`: the bot was invited; `open`: every member of the workspace may read it; `shared`: another organisation is in it, or was invited.
   * A channel that the bot may not see is neither joined nor open.
   */
  channel(id: string): Promise<{ readonly joined: boolean; readonly open: boolean; readonly shared: boolean }>;
  /** Whether somebody is in a user group. */
  isIn(user: string, group: string): Promise<boolean>;
  /** Who is in a user group; nobody in one that there is not. */
  membersOf(group: string): Promise<readonly string[]>;
}

/** What a chat says of a person. */
export interface PersonFacts {
  readonly member: boolean;
  /** Whether the chat has them as an administrator. */
  readonly admin?: boolean | undefined;
  /** The enterprise that they belong to, or where there is none the workspace; absent for somebody whom the chat does not know. */
  readonly organisation?: string | undefined;
  /** Absent unless the bot may read it. */
  readonly email?: string | undefined;
  readonly name?: string | undefined;
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
