import type { Command } from 'commander';
import { asCodedError } from '../../errors.ts';
import { accessOf, type ClusterOptions } from '../options.ts';
import { print } from '../output.ts';
import { type Candidate, type Place, placeOf } from './place.ts';

/** What cobra's scripts, kubectl's among them, take for "no space after it" and "no file names instead". */
const NO_SPACE = 2;
const NO_FILES = 4;
/** Completion that takes longer is worse than none. */
const LIMIT_MS = 1_500;

/** Prints what completionsFor says: the protocol of `kubectl_complete-…`. */
export async function completeCommand(program: Command, words: readonly string[]): Promise<void> {
  await print(await completionsFor(program, words));
}

/**
 * What can stand in place of the last word, one candidate a line with its description behind a tab, and at the end a
 * colon with the directive. It never says what goes wrong, which would land in the line that somebody types;
 * IMAGEPULL_DEBUG shows it.
 */
export async function completionsFor(program: Command, words: readonly string[]): Promise<string> {
  const place = placeOf(program, words);
  const found = await candidatesFor(place).catch((cause: unknown) => {
    if (process.env['IMAGEPULL_DEBUG']) process.stderr.write(`${asCodedError(cause).message}\n`);
    return [];
  });
  // A name with a blank or worse in it comes from no cluster that means well.
  const fitting = found.filter(({ value }) => value.startsWith(place.typed) && /^[!-~]+$/.test(value));
  const open = fitting.some(({ value }) => value.endsWith('/'));
  const directive = (place.wants === 'files' ? 0 : NO_FILES) + (open ? NO_SPACE : 0);
  const lines = fitting.map(({ value, says }) => `${place.before}${value}${says === undefined ? '' : `\t${says}`}`);
  return [...lines, `:${directive}`, ''].join('\n');
}

async function candidatesFor(place: Place): Promise<readonly Candidate[]> {
  switch (place.wants) {
    case 'words':
      return place.candidates;
    case 'files':
      return [];
    case 'steps': {
      const { loadRunbook } = await import('../../app/runbooks.ts');
      return loadRunbook().steps.map(({ id, title }) => ({ value: id, says: title }));
    }
    case 'causes': {
      const { loadCauses } = await import('../../app/runbooks.ts');
      return loadCauses().causes.map(({ id, family }) => ({ value: id, says: family }));
    }
    case 'contexts': {
      const { listContexts } = await import('../../app/app.ts');
      return (await listContexts(place.options)).map((value) => ({ value }));
    }
    case 'namespaces':
      return (await import('./names.ts')).namespaces(await opened(place.options));
    case 'targets':
      return (await import('./names.ts')).targets(await opened(place.options), place.typed, place.options.namespace);
    default:
      return place satisfies never;
  }
}

async function opened(options: ClusterOptions) {
  const { openCluster } = await import('../../app/app.ts');
  return { ...(await openCluster({ ...accessOf(options), requestTimeoutMs: LIMIT_MS })), signal: AbortSignal.timeout(LIMIT_MS) };
}
