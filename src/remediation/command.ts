import { fillCommand, fillText, type PlaceholderValues } from './placeholders.ts';

/** Where a command has to be run; absent means wherever kubectl works. */
export type CommandPlace = 'node';

/**
 * A command to paste. What `reads` leaves cluster, registry and node as they are (it may write a file where it is run);
 * what `changes` says what that risks.
 */
export type Command =
  | { readonly run: string; readonly effect: 'reads'; readonly where?: CommandPlace | undefined }
  | { readonly run: string; readonly effect: 'changes'; readonly risk: string; readonly where?: CommandPlace | undefined };

/** A command of causes.yaml with its placeholders filled in. */
export function filled(command: Command, values: PlaceholderValues): Command {
  const run = fillCommand(command.run, values);
  return command.effect === 'reads' ? { ...command, run } : { ...command, run, risk: fillText(command.risk, values) };
}
