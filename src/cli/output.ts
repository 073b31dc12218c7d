import { styleText } from 'node:util';
import { CodedError, fileProblem } from '../errors.ts';
import { type Paint, plain } from '../report/layout.ts';

/** True for a terminal that understands control codes: `TERM=dumb` says that it does not. */
export function takesControlCodes(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && process.env['TERM'] !== 'dumb';
}

/** Colours where standard output is a terminal that has them and NO_COLOR is not set. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  if (!takesControlCodes(stream) || process.env['NO_COLOR']) return plain;
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text, { validateStream: false });
  return {
    strong: style('bold'),
    bad: style(['bold', 'red']),
    good: style(['bold', 'green']),
    faint: style('dim'),
    command: style('cyan'),
  };
}

/** Columns of the terminal; 100 elsewhere. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return stream.columns ?? 100;
}

/**
 * Writes all of a text on standard output; resolves when it is taken, and quietly when the reader is gone (`| head`).
 * Throws `output/not-written` where it cannot be written, as on a full disk.
 */
export function print(text: string): Promise<void> {
  const { stdout } = process;
  return new Promise((resolve, reject) => {
    const settle = (error?: NodeJS.ErrnoException | null): void => {
      if (!error) {
        stdout.off('error', settle);
        resolve();
      } else if (error.code === 'EPIPE') resolve();
      else reject(new CodedError('output/not-written', `Cannot write the result: ${fileProblem(error)}.`, { cause: error }));
    };
    // The stream reports a failure to both, so the listener stays once there was one.
    stdout.on('error', settle);
    stdout.write(text, settle);
  });
}

/** How a report can be printed; the first is the default. */
export const FORMATS = ['text', 'json', 'markdown'] as const;
export type Format = (typeof FORMATS)[number];
