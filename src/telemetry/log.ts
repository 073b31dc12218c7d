/** Where the program says what it does: a fixed message plus fields, one line per decision. Fields hold no secret. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Does the work; every line that is written in the course of it, by whoever, carries these fields too. A line's own fields win. */
  about<T>(fields: LogFields, work: () => T): T;
}

/** What is worked on goes by these names and no others: `run`, `incident` and `plan`, and the likes of `request`, `delivery` and `correction`. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Says nothing: the command line's. */
export const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined, about: (_, work) => work() };
