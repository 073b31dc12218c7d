import { CodedError, type ErrorCode } from '../../errors.ts';
import { redact } from '../../facts/redaction.ts';
import { count } from '../../text/wording.ts';
import { type YamlLines, yamlLines } from '../../text/yaml-lines.ts';
import { readTextFile } from '../text-file.ts';
import { type Problem, placeOf } from './problem.ts';

/** YAML, and the name of its file for error texts. */
export interface ConfigFile {
  readonly name: string;
  readonly text: string;
}

/** More problems than this are counted. */
const MAX_PROBLEMS = 20;

/** The file that somebody names, if they do. Throws `config/file`. */
export function configFile(name: string | undefined): ConfigFile | undefined {
  return name === undefined ? undefined : { name, text: readTextFile(name) };
}

/** A file's value, with the lines that its settings stand on. A tag that nobody knows is an error too. Throws `config/file`. */
export function readYaml({ name, text }: ConfigFile): YamlLines & { readonly value: unknown } {
  const yaml = yamlLines(text);
  const [problem] = [...yaml.document.errors, ...yaml.document.warnings];
  try {
    if (problem) throw problem;
    return { ...yaml, value: yaml.document.toJS({ maxAliasCount: 20 }) ?? {} };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0]?.replace(/:$/, '') : String(cause);
    throw new CodedError('config/file', `${name} is not YAML that can be read: ${redact(why ?? '')}`, { cause });
  }
}

/** The error that says all that is wrong with a file, in the order of its lines. */
export function refused(file: ConfigFile, { lineAt }: YamlLines, code: ErrorCode, problems: readonly Problem[]): CodedError {
  const placed = problems
    .map(({ path, says }) => ({ line: lineAt(path), text: `${placeOf(path)}: ${says}` }))
    .toSorted((a, b) => a.line - b.line);
  const lines = placed.slice(0, MAX_PROBLEMS).map(({ line, text }) => `  line ${line}, ${text}`);
  if (placed.length > MAX_PROBLEMS) lines.push(`  and ${count(placed.length - MAX_PROBLEMS, 'problem')} more`);
  return new CodedError(code, `${file.name} is not a configuration of imagepull:\n${lines.join('\n')}\nSee docs/configuration.md.`);
}
