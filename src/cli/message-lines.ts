import { CodedError } from '../errors.ts';

/** More than this on standard input is no list of error messages. */
const MAX_INPUT_BYTES = 8 * 1024 * 1024;

/** The lines of standard input. Throws `usage/…` for a terminal, for nothing, for too much, and for what is no text. */
export async function readLines(input: NodeJS.ReadStream): Promise<readonly string[]> {
  if (input.isTTY)
    throw new CodedError(
      'usage/no-message',
      'Nothing to explain: pass the message as an argument, or one message a line on standard input.',
    );
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_INPUT_BYTES)
      throw new CodedError(
        'usage/too-large',
        `Standard input is larger than ${MAX_INPUT_BYTES / 1024 / 1024} MiB. Pass fewer messages at a time.`,
      );
    chunks.push(chunk);
  }
  const text = decode(Buffer.concat(chunks));
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) throw new CodedError('usage/no-message', 'Nothing to explain: standard input is empty.');
  return lines;
}

function decode(bytes: Buffer): string {
  const notText = new CodedError('usage/not-text', 'Standard input is not UTF-8 text. Pass error messages, one a line.');
  if (bytes.includes(0)) throw notText;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notText;
  }
}
