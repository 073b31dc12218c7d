import { createPullErrorClassifier, type PullError } from '../diagnosis/pull-error.ts';
import { redact } from '../diagnosis/redaction.ts';
import { CodedError } from '../errors.ts';
import { hanging, type Paint } from '../report/layout.ts';
import { printable } from '../report/printable.ts';
import { loadPullErrorRules } from '../runbooks.ts';
import { paintFor, print, widthOf } from './output.ts';

/** More than this on standard input is no list of error messages. */
const MAX_INPUT_BYTES = 8 * 1024 * 1024;

/** Options of `imagepull explain`. */
export interface ExplainOptions {
  readonly json?: boolean;
}

/** `imagepull explain`: what one message says, or each line of standard input. Throws `usage/…` for input that is no text. */
export async function explain(message: string | undefined, options: ExplainOptions): Promise<void> {
  const classify = createPullErrorClassifier(loadPullErrorRules());
  const messages = message === undefined ? await readLines(process.stdin) : [message];
  const paint = paintFor(process.stdout);
  const width = widthOf(process.stdout);
  const answers = messages.map((line) => {
    const error = classify(redact(line));
    return options.json ? JSON.stringify(jsonAnswer(error)) : textAnswer(error, paint, width);
  });
  await print(answers.map((answer) => `${answer}\n`).join(''));
}

/** The fields scripts rely on, in this order; null where the message does not say. */
function jsonAnswer(error: PullError): Record<string, string | number | boolean | null> {
  return {
    symptom: error.symptom,
    image: error.image ?? null,
    host: error.host ?? null,
    httpStatus: error.httpStatus ?? null,
    runtime: error.runtime,
    rule: error.rule ?? null,
    summary: error.summary,
    pullError: error.about === 'unsaid' ? null : error.about === 'pull',
  };
}

function textAnswer(given: PullError, paint: Paint, width: number): string {
  const error = printable(given);
  const rows: [string, string | undefined][] = [
    ['Image', error.image],
    ['Host', error.mirrorOf === undefined ? error.host : `${error.host}, a mirror of ${error.mirrorOf}`],
    ['Status', error.httpStatus === undefined ? undefined : `HTTP ${error.httpStatus}`],
    ['Said by', error.operation === undefined ? error.runtime : `${error.runtime}, at ${error.operation}`],
    [
      'Login',
      error.credentials === undefined ? undefined : error.credentials === 'sent' ? 'credentials were sent' : 'no credentials were sent',
    ],
    ['Note', error.moved],
    ['Rule', error.rule],
    ['Also', error.others.length === 0 ? undefined : error.others.map((other) => other.symptom).join(', ')],
  ];
  return [
    paint.strong(error.symptom),
    ...hanging('  ', error.summary, width),
    ...rows.flatMap(([label, value]) => (value === undefined ? [] : [`  ${paint.faint(label.padEnd(8))}${value}`])),
  ].join('\n');
}

async function readLines(input: NodeJS.ReadStream): Promise<readonly string[]> {
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
