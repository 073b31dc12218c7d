import { loadCauses, loadPullErrorRules } from '../../app/runbooks.ts';
import { createPullErrorClassifier, type PullError } from '../../diagnosis/message/pull-error.ts';
import { CodedError } from '../../errors.ts';
import { redact } from '../../facts/redaction.ts';
import { installedFile } from '../../installed.ts';
import { type PossibleCause, possibleCauses } from '../../report/explanation.ts';
import { hanging, type Paint, readableWidth } from '../../report/layout.ts';
import { SCHEMA_VERSION } from '../../report/report.ts';
import { nearest } from '../../text/nearest.ts';
import { printable } from '../../text/printable.ts';
import { list, sentence, shortened } from '../../text/wording.ts';
import { readLines } from '../message-lines.ts';
import { paintFor, print, widthOf } from '../output.ts';
import { PROGRAM } from '../program-name.ts';

/** Options of `imagepull explain`. */
export interface ExplainOptions {
  readonly cause?: string;
  readonly output: 'text' | 'json';
  readonly json?: boolean;
}

/** A message and what it leaves possible. */
interface Explained {
  readonly error: PullError;
  readonly causes: readonly PossibleCause[];
  /** The causes of a text that does not say what it is about, if it is about a pull. */
  readonly ifPull: readonly PossibleCause[];
}

/** `imagepull explain`: what one message says, or each line of standard input, and what to do next. Throws `usage/…` for input that is no text. */
export async function explain(message: string | undefined, options: ExplainOptions): Promise<void> {
  if (options.cause !== undefined) return print(causePage(options.cause, message));
  if (message !== undefined && message.trim() === '')
    throw new CodedError('usage/no-message', 'Nothing to explain: the message is empty. Pass what the event, the status or the log says.');
  const classify = createPullErrorClassifier(loadPullErrorRules());
  const lines = message === undefined ? await readLines(process.stdin) : [message];
  // A script gets an answer for every line; a person has no question about a blank one.
  const asked = options.json ? lines : lines.filter((line) => line.trim() !== '');
  if (asked.length === 0) throw new CodedError('usage/no-message', 'Nothing to explain: all lines of standard input are blank.');
  const errors = asked.map((line) => classify(redact(line)));
  if (options.json) return print(errors.map((error) => `${JSON.stringify(shortAnswer(error))}\n`).join(''));
  const catalogue = loadCauses();
  const explained = errors.map((error): Explained => {
    const { wouldMean } = error;
    const ifPull = wouldMean === undefined ? [] : possibleCauses({ ...error, symptom: wouldMean }, catalogue);
    return { error, causes: possibleCauses(error, catalogue), ifPull };
  });
  if (options.output === 'json') return print(`${JSON.stringify(explanationOf(explained), undefined, 2)}\n`);
  const paint = paintFor(process.stdout);
  const width = readableWidth(widthOf(process.stdout));
  await print([...explained.map((one) => textAnswer(one, paint, width)), nextSteps(explained, paint)].map((text) => `${text}\n`).join(''));
}

/** The page on a cause, as markdown. */
function causePage(cause: string, message: string | undefined): string {
  if (message !== undefined) throw new CodedError('usage/two-subjects', 'Pass a message or --cause, not both.');
  const known = [...loadCauses().causes.map(({ id }) => id), 'undetermined'];
  if (!known.includes(cause)) {
    const close = nearest(cause, known);
    const hint = close.length > 0 ? `Did you mean ${close.join(', ')}?` : `The causes are ${known.join(', ')}.`;
    throw new CodedError('usage/unknown-cause', `There is no cause "${shortened(cause)}". ${hint}`);
  }
  const page = installedFile(`docs/causes/${cause}.md`);
  if (page === undefined)
    throw new CodedError('installation/incomplete', `This installation lacks docs/causes/${cause}.md. Install it again.`);
  return page;
}

/** The fields scripts rely on, in this order; null where the message does not say. */
function shortAnswer(error: PullError) {
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

/** What `explain -o json` prints. */
export function explanationOf(explained: readonly Explained[]) {
  return {
    schemaVersion: SCHEMA_VERSION,
    messages: explained.map(({ error, causes, ifPull }) => ({
      ...shortAnswer(error),
      mirrorOf: error.mirrorOf ?? null,
      operation: error.operation ?? null,
      credentials: error.credentials ?? null,
      others: error.others.map(({ symptom }) => symptom),
      causes,
      next: nextCommands(causes.length > 0 ? causes : ifPull),
    })),
  };
}

function nextCommands(causes: readonly PossibleCause[]): readonly string[] {
  const page = causes[0]?.cause ?? 'undetermined';
  return [`${PROGRAM} diagnose NAMESPACE/POD`, `${PROGRAM} explain --cause ${page}`];
}

const MAX_FIXES = 4;

/** All that can be done about the one cause, or the first thing about each of several. */
function fixRows(causes: readonly PossibleCause[]): [string, string][] {
  const [first] = causes;
  const fixes =
    causes.length === 1 && first
      ? first.fixes.map(sentence)
      : causes.flatMap(({ cause, fixes: [fix] }) => (fix === undefined ? [] : [`if ${cause}: ${sentence(fix)}`]));
  return fixes.slice(0, MAX_FIXES).map((fix, index) => [index === 0 ? 'Fix' : '', fix]);
}

const MAX_PAGES = 5;

/** Where to go from here, once for all messages. */
function nextSteps(explained: readonly Explained[], paint: Paint): string {
  const pages = [...new Set(explained.map(({ causes: [first], ifPull: [other] }) => first?.cause ?? other?.cause ?? 'undetermined'))];
  return [
    '',
    paint.strong('Next'),
    `  ${paint.command(`${PROGRAM} diagnose NAMESPACE/POD`)}`,
    '     asks cluster and registry which it is, and fills in the commands',
    ...pages.slice(0, MAX_PAGES).map((page) => `  ${paint.command(`${PROGRAM} explain --cause ${page}`)}`),
    `     ${pages.length === 1 ? 'prints the page' : 'print the pages'}: how to check it, fix it and prevent it`,
  ].join('\n');
}

function textAnswer(given: Explained, paint: Paint, width: number): string {
  const { error, causes, ifPull } = printable(given);
  const [first] = causes;
  const rows: [string, string | undefined][] = [
    ['Image', error.image],
    ['Host', error.mirrorOf === undefined ? error.host : `${error.host}, a mirror of ${error.mirrorOf}`],
    ['Status', error.httpStatus === undefined ? undefined : `HTTP ${error.httpStatus}`],
    ['Said by', error.runtime === 'unknown' ? undefined : error.runtime],
    ['While', error.operation],
    [
      'Login',
      error.credentials === undefined ? undefined : error.credentials === 'sent' ? 'credentials were sent' : 'no credentials were sent',
    ],
    ['Note', error.moved],
    ['Rule', error.rule],
    ['Also', error.others.length === 0 ? undefined : error.others.map((other) => other.symptom).join(', ')],
    [
      'Cause',
      first &&
        `${causes.length > 1 ? 'one of ' : ''}${list(
          causes.map(({ cause }) => cause),
          6,
        )}`,
    ],
    [
      'If so',
      ifPull.length === 0
        ? undefined
        : list(
            ifPull.map(({ cause }) => cause),
            6,
          ),
    ],
    ...fixRows(causes),
  ];
  return [
    paint.strong(error.symptom),
    ...hanging('  ', error.summary, width),
    ...rows.flatMap(([label, value]) =>
      value === undefined
        ? []
        : hanging(`  ${label.padEnd(8)}`, value, width).map((line, index) =>
            index === 0 ? line.replace(label, paint.faint(label)) : line,
          ),
    ),
  ].join('\n');
}
