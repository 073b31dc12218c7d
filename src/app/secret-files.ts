import { CodedError } from '../errors.ts';
import { readTextFile } from './text-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment with the value of each of these variables that `NAME_FILE` says the file of, as secrets of Docker and of Kubernetes are mounted.
 * Space and line ends around it do not count. Throws `config/file`, and `config/option` where both are set.
 */
export function withSecretFiles(environment: Environment, names: readonly string[]): Environment {
  return { ...environment, ...Object.fromEntries(names.flatMap((name) => secretFile(environment, name))) };
}

function secretFile(environment: Environment, name: string): readonly (readonly [name: string, value: string])[] {
  const file = environment[`${name}_FILE`] ?? '';
  if (file === '') return [];
  if ((environment[name] ?? '') !== '')
    throw new CodedError('config/option', `${name} and ${name}_FILE are both set. Leave one of them out.`);
  return [[name, readTextFile(file).trim()]];
}
