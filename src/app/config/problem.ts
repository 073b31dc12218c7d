import { z } from 'zod';
import { redact } from '../../facts/redaction.ts';
import { nearest } from '../../text/nearest.ts';
import { list, shortened } from '../../text/wording.ts';

/** Something that is wrong with a configuration: where it stands there, and what is wrong. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly says: string;
}

/** What each type is called in a configuration. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of settings',
  record: 'a group of settings',
};

/** What is wrong with a value and what would be right, for whoever wrote it; undefined leaves it to the schema's own words. */
export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `should be ${typeName(issue.expected)}, and is ${kindOf(issue.input)}`;
    case 'invalid_value':
      return `should be ${oneOf(issue.values)}, and is ${written(issue.input, issue.values)}`;
    case 'invalid_union': {
      const { discriminator } = issue;
      if (discriminator !== undefined) return shouldBeOneOf(discriminatorsOf(issue), fieldOf(issue.input, discriminator));
      return `should be ${issue.errors.map(alternative).join(' or ')}, and is ${kindOf(issue.input)}`;
    }
    case 'invalid_key':
      return `is a name that ${issue.issues[0]?.message ?? 'does not fit'}`;
    case 'too_small':
      return `should ${amount(issue.origin, `at least ${issue.minimum}`)}`;
    case 'too_big':
      return `should ${amount(issue.origin, `at most ${issue.maximum}`)}`;
    default:
      return undefined;
  }
}

/**
 * What a schema found wrong with a value, one problem for each wrong setting. Of a value that may be one of several kinds it says what is wrong by
 * the kind that was meant. `schema` knows the settings that a mistyped name may stand for.
 */
export function problemsOf(issues: readonly z.core.$ZodIssue[], schema: z.ZodType): readonly Problem[] {
  let known: object | undefined;
  return issues
    .flatMap((issue) => meant(issue, []))
    .flatMap((issue): readonly Problem[] => {
      if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, says: issue.message }];
      known ??= z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      const names = settingsAt(known, issue.path);
      return issue.keys.map((key) => ({ path: [...issue.path, key], says: `is no setting.${guess(key, names)}` }));
    });
}

/** `clusters[0].name`. */
export function placeOf(path: readonly PropertyKey[]): string {
  const place = path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${shortened(String(part))}`))
    .join('');
  return place === '' ? 'the file' : place;
}

/** ` Did you mean prod?` for a name that is not known; what is known where nothing is like it. */
export function guess(wrong: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const like = nearest(wrong, known, 2);
  return like.length > 0 ? ` Did you mean ${like.join(' or ')}?` : ` There are: ${list(known, 20)}.`;
}

/** An issue of a union is that of the kind in which the fewest things are wrong, and none with the value as a whole. */
function meant(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): readonly z.core.$ZodIssue[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const [best] = issue.errors
      .filter((issues) => issues.every(({ code, path: below }) => below.length > 0 || !['invalid_type', 'invalid_value'].includes(code)))
      .toSorted((a, b) => a.length - b.length);
    if (best) return best.flatMap((inner) => meant(inner, path));
  }
  return [{ ...issue, path }];
}

/** The names of the settings that a group of a JSON Schema has, whichever kind of it is meant. */
function settingsAt(schema: object, path: readonly PropertyKey[]): readonly string[] {
  const kinds = ['anyOf', 'oneOf'].flatMap((key) => listOf(schema, key));
  if (kinds.length > 0) return [...new Set(kinds.flatMap((kind) => settingsAt(kind, path)))];
  const properties = objectOf(schema, 'properties') ?? {};
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(properties);
  const next =
    typeof first === 'number' ? objectOf(schema, 'items') : (objectOf(properties, first) ?? objectOf(schema, 'additionalProperties'));
  return next === undefined ? [] : settingsAt(next, rest);
}

function objectOf(value: object, key: PropertyKey): object | undefined {
  const found: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  return typeof found === 'object' && found !== null ? found : undefined;
}

function listOf(value: object, key: string): readonly object[] {
  const found = objectOf(value, key);
  return Array.isArray(found) ? found.filter((entry) => typeof entry === 'object' && entry !== null) : [];
}

function typeName(type: string): string {
  return TYPES[type] ?? type;
}

function alternative(issues: readonly z.core.$ZodIssue[]): string {
  const [issue] = issues;
  if (issue?.code === 'invalid_type') return typeName(issue.expected);
  return issue?.code === 'invalid_value' ? issue.values.map(String).join(', ') : 'something else';
}

function discriminatorsOf(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): readonly string[] {
  const options: unknown = Reflect.get(issue, 'options');
  return Array.isArray(options) ? options.map(String) : [];
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field) ? Reflect.get(value, field) : undefined;
}

function shouldBeOneOf(values: readonly string[], input: unknown): string {
  return `should be ${oneOf(values)}, and is ${written(input, values)}`;
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`;
}

function amount(origin: string, limit: string): string {
  if (origin === 'string') return `have ${limit} characters`;
  if (origin === 'array' || origin === 'set' || origin === 'map') return `have ${limit} entries`;
  return `be ${limit}`;
}

/** One of a few words is shown as it was written, with the nearest of them. */
function written(input: unknown, values: readonly unknown[]): string {
  if (typeof input !== 'string') return kindOf(input);
  const [like] = nearest(input, values.map(String), 1);
  return `the text "${redact(shortened(input, 40))}"${like === undefined ? '' : `. Did you mean ${like}?`}`;
}

/** Any other text is not repeated: somebody may have put a secret there. */
function kindOf(input: unknown): string {
  if (input === undefined) return 'missing';
  if (input === null) return 'empty';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a group of settings';
  return typeof input === 'string' ? 'text' : String(input);
}
