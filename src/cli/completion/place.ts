import type { Argument, Command, Option } from 'commander';
import type { ClusterOptions } from '../options.ts';

/** Something that can stand where a word is being typed. */
export interface Candidate {
  readonly value: string;
  readonly says?: string;
}

/**
 * The word that is being typed: `typed` is the part to be completed, `before` what stands before it in the same word
 * (`--namespace=`), `wants` what belongs there.
 */
export type Place = { readonly typed: string; readonly before: string } & (
  | { readonly wants: 'words'; readonly candidates: readonly Candidate[] }
  | { readonly wants: 'files' | 'steps' | 'causes' }
  | { readonly wants: 'contexts' | 'namespaces' | 'targets'; readonly options: GivenOptions }
);

/** Options that were typed before and say where to look. */
export type GivenOptions = ClusterOptions & { readonly namespace?: string };

type Wants = Place['wants'];
/** What the values of options and arguments are, by name; those that are not listed are free text. */
const OPTION_VALUES: Readonly<Record<string, Wants>> = {
  namespace: 'namespaces',
  context: 'contexts',
  kubeconfig: 'files',
  config: 'files',
  policy: 'files',
  only: 'steps',
  cause: 'causes',
};
const ARGUMENTS: Readonly<Record<string, Wants>> = { what: 'targets', folder: 'files', file: 'files' };

/** Where in a command line its last word stands. */
export function placeOf(program: Command, words: readonly string[]): Place {
  const typed = words.at(-1) ?? '';
  const earlier = words.slice(0, -1);
  const at = earlier.findIndex((word) => !word.startsWith('-'));
  const command = at < 0 ? undefined : program.commands.find((candidate) => candidate.name() === earlier[at]);
  if (!command) return at < 0 ? ofWords(typed, typed.startsWith('-') ? optionsOf(program) : commandsOf(program)) : ofWords(typed, []);
  const { options, waiting, operands } = readWords(command, earlier.slice(at + 1));
  if (waiting) return valuePlace(waiting, { typed, before: '' }, options);
  const assigned = /^(--[a-z-]{1,40}=)([\s\S]*)$/.exec(typed);
  if (assigned) {
    const [, before = '', value = ''] = assigned;
    const option = command.options.find(({ long }) => `${long}=` === before);
    return option ? valuePlace(option, { typed: value, before }, options) : ofWords(typed, []);
  }
  if (typed.startsWith('-')) return ofWords(typed, optionsOf(command));
  return argumentPlace(program, command.registeredArguments[operands], typed, options);
}

function ofWords(typed: string, candidates: readonly Candidate[]): Place {
  return { wants: 'words', candidates, typed, before: '' };
}

function valuePlace(option: Option, word: { readonly typed: string; readonly before: string }, options: GivenOptions): Place {
  if (option.argChoices) return { wants: 'words', candidates: option.argChoices.map((value) => ({ value })), ...word };
  return wanted(OPTION_VALUES[option.attributeName()], word, options);
}

function argumentPlace(program: Command, argument: Argument | undefined, typed: string, options: GivenOptions): Place {
  if (argument?.name() === 'command') return ofWords(typed, commandsOf(program));
  if (argument?.argChoices)
    return ofWords(
      typed,
      argument.argChoices.map((value) => ({ value })),
    );
  return wanted(ARGUMENTS[argument?.name() ?? ''], { typed, before: '' }, options);
}

function wanted(wants: Wants | undefined, word: { readonly typed: string; readonly before: string }, options: GivenOptions): Place {
  if (wants === undefined || wants === 'words') return { wants: 'words', candidates: [], ...word };
  return wants === 'files' || wants === 'steps' || wants === 'causes' ? { wants, ...word } : { wants, options, ...word };
}

function commandsOf(program: Command): readonly Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ value: command.name(), says: command.description() }));
}

function optionsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, short, description }) => [long, short].flatMap((value) => (value ? { value, says: description } : [])));
}

/** Options with their values, the option that waits for the last word, and how many operands there are. */
function readWords(command: Command, words: readonly string[]) {
  const values: Record<string, string> = {};
  let waiting: Option | undefined;
  let operands = 0;
  for (const word of words) {
    if (waiting) {
      values[waiting.attributeName()] = word;
      waiting = undefined;
      continue;
    }
    const [name = '', value] = word.startsWith('--') ? word.split('=', 2) : [word];
    const option = command.options.find(({ long, short }) => long === name || short === name);
    if (!option) operands += word.startsWith('-') ? 0 : 1;
    else if (value !== undefined) values[option.attributeName()] = value;
    else if (option.required) waiting = option;
  }
  const { kubeconfig, context, namespace, as } = values;
  const options: GivenOptions = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(as === undefined ? {} : { as }),
  };
  return { options, waiting, operands };
}
