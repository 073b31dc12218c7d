import { CommanderError } from 'commander';
import { asCodedError } from '../errors.ts';
import { printable } from '../text/printable.ts';

/** 0 done, 1 internal error, 2 usage or configuration, 3 target not found, 4 cluster, Redis or Slack unreachable, 5 forbidden. */
const EXIT_CODES: readonly (readonly [RegExp, number])[] = [
  [/^(?:usage|recording|runbook|config)\/|^cluster\/(?:no-kubeconfig|unknown-context)$/, 2],
  [/^target\/not-found$/, 3],
  [/^cluster\/(?:unreachable|unavailable|bad-answer|expired)$|^(?:store|queue|chat)\/unavailable$/, 4],
  [/^cluster\/(?:forbidden|unauthenticated)$/, 5],
];

/** How a command that failed ends: what it says on standard error, and its exit code. */
export interface Failure {
  readonly exitCode: number;
  readonly says: string;
}

/** What a person is told about an error. `asked` is the command as it was called, for the hint where help is to be had. */
export function failureOf(cause: unknown, program: string, asked: string): Failure {
  if (cause instanceof CommanderError) {
    // Help and version were printed already, on standard output or, where a command is missing, on standard error.
    if (cause.exitCode === 0) return { exitCode: 0, says: '' };
    if (cause.code.startsWith('commander.help')) return { exitCode: 2, says: '' };
    return { exitCode: 2, says: `${program}: ${usageSentence(cause.message)} See ${asked} --help.\n` };
  }
  const error = asCodedError(cause);
  const known = EXIT_CODES.find(([pattern]) => pattern.test(error.code));
  const stack =
    known === undefined && process.env['IMAGEPULL_DEBUG'] ? `${error.cause instanceof Error ? error.cause.stack : error.stack}\n` : '';
  return { exitCode: known?.[1] ?? 1, says: `${program}: ${printable(error.message)}\n${stack}` };
}

/** Commander's `error: unknown option '--x'`, with its guess in brackets on a line of its own, as one or two sentences. */
function usageSentence(message: string): string {
  const [, said = message, guess] = /^(?:error: )?([\s\S]*?)\.?(?:\n\(Did you mean (?:one of )?([^?]{1,200})\?\))?$/.exec(message) ?? [];
  return printable(guess === undefined ? `${said}.` : `${said}. Did you mean ${guess}?`);
}
