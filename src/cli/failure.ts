import { CommanderError } from 'commander';
import { asCodedError, type ErrorCode } from '../errors.ts';
import { printable } from '../text/printable.ts';

/** 0 done, 1 internal error, 2 usage or configuration, 3 target not found, 4 cluster, Redis or Slack unreachable, 5 forbidden. */
const EXIT_CODES: Readonly<Partial<Record<ErrorCode, number>>> = {
  'target/not-found': 3,
  'cluster/unreachable': 4,
  'cluster/unavailable': 4,
  'cluster/bad-answer': 4,
  'cluster/expired': 4,
  'store/unavailable': 4,
  'queue/unavailable': 4,
  'chat/unavailable': 4,
  'cluster/forbidden': 5,
  'cluster/unauthenticated': 5,
};

/** How a command that failed ends: what it says on standard error, and its exit code. */
export interface Failure {
  readonly exitCode: number;
  readonly says: string;
}

/** What a person is told about an error. `asked` is the command as it was called, for the hint at its --help. */
export function failureOf(cause: unknown, program: string, asked: string): Failure {
  if (cause instanceof CommanderError) {
    // Help and version were printed already, on standard output or, where a command is missing, on standard error.
    if (cause.exitCode === 0) return { exitCode: 0, says: '' };
    if (cause.code.startsWith('commander.help')) return { exitCode: 2, says: '' };
    return { exitCode: 2, says: `${program}: ${usageSentence(cause.message)} See ${asked} --help.\n` };
  }
  const error = asCodedError(cause);
  const exitCode = EXIT_CODES[error.code] ?? (error.fault === 'caller' ? 2 : 1);
  const stack =
    exitCode === 1 && process.env['IMAGEPULL_DEBUG'] ? `${error.cause instanceof Error ? error.cause.stack : error.stack}\n` : '';
  return { exitCode, says: `${program}: ${printable(error.message)}\n${stack}` };
}

/** Commander's `error: unknown option '--x'`, with its guess in brackets on a line of its own, as one or two sentences. */
function usageSentence(message: string): string {
  const [, said = message, guess] = /^(?:error: )?([\s\S]*?)\.?(?:\n\(Did you mean (?:one of )?([^?]{1,200})\?\))?$/.exec(message) ?? [];
  return printable(guess === undefined ? `${said}.` : `${said}. Did you mean ${guess}?`);
}
