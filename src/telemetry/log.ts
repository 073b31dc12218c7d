/** Where the program says what it does: a fixed message plus fields, one line per decision. Fields hold no secret. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Says nothing: the command line's. */
export const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
