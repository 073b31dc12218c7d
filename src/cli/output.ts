import { styleText } from 'node:util';
import { type Paint, plain } from '../report/layout.ts';

/** Colours where standard output is a terminal and NO_COLOR is not set. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  const wanted = stream.isTTY && !process.env['NO_COLOR'];
  if (!wanted) return plain;
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

/** Writes all of a text; resolves when the reader has taken it, and quietly when the reader is gone (`| head`). */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? resolve() : reject(error)));
    process.stdout.write(text, () => resolve());
  });
}

/** How a report can be printed; the first is the default. */
export const FORMATS = ['text', 'json', 'markdown'] as const;
export type Format = (typeof FORMATS)[number];
