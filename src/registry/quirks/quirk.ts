/** What one family of registries does differently from the distribution specification. Everything is optional but its name and hosts. */
export interface Quirk {
  /** Name of the family for people. */
  readonly name: string;
  /** Matches the host (without port) that an image reference names; absent for software that runs under any name. */
  readonly hosts?: RegExp;
  /** Matches a header of the answer, `name: value` in lower case, for software that runs under any name. */
  readonly headers?: RegExp;
  /** The host that serves the API where it is not the one in the reference. */
  readonly apiHost?: string;
  /** Answers that stand for "missing" as well as "not allowed", so that existence stays unproven. */
  readonly hidesMissing?: readonly (401 | 403 | 404)[];
  /** Its token server refuses a good login with 401 for what is missing. */
  readonly tokenServerHidesMissing?: boolean;
  /** Calls a missing repository a missing tag, as distribution's registry does; the list of tags tells them apart. */
  readonly conflatesMissing?: boolean;
  /** Text of a 403 that means the asking address is blocked, whoever asks. */
  readonly addressBlocked?: RegExp;
  /** Text of a 403 that means the login itself has ended. */
  readonly loginEnded?: RegExp;
  /** A 403 without a body to a login means that it has ended. */
  readonly silentRefusalEndsLogin?: boolean;
  /** Most tags in one page. */
  readonly tagPage?: number;
}
