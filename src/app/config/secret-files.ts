import { CodedError } from '../../errors.ts';
import { readTextFile } from '../text-file.ts';

/** The environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment with the value of each of these variables that `NAME_FILE` says the file of, as secrets of Docker and of Kubernetes are mounted.
 * Space and line ends around it do not count. Throws `config/file`, also for an empty file, and `config/option` where both are set.
 */
export function withSecretFiles(environment: Environment, names: readonly string[]): Environment {
  return { ...environment, ...secretsInFiles(environment, names) };
}

/** Those of these variables alone that are in files, by name. Throws what withSecretFiles throws. */
export function secretsInFiles(environment: Environment, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => secretInFile(environment, name)));
}

function secretInFile(environment: Environment, name: string): readonly (readonly [name: string, value: string])[] {
  const file = environment[`${name}_FILE`] ?? '';
  if (file === '') return [];
  if ((environment[name] ?? '') !== '')
    throw new CodedError('config/option', `${name} and ${name}_FILE are both set. Leave one of them out.`);
  const value = readTextFile(file).trim();
  // Taken for a variable that is not set, it would change what the service does: without REDIS_URL everything is forgotten.
  if (value === '') throw new CodedError('config/file', `${file} is empty. ${name}_FILE says that ${name} is in it.`);
  return [[name, value]];
}
