import type { z } from 'zod';
import { redact } from '../facts/redaction.ts';
import { list, shortened } from '../text/wording.ts';

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
      return `should be ${TYPES[issue.expected] ?? issue.expected}, and is ${kindOf(issue.input)}`;
    case 'invalid_value':
      return `should be one of ${issue.values.join(', ')}, and is ${kindOf(issue.input)}`;
    case 'unrecognized_keys':
      return `has no setting called ${list(issue.keys.map((key) => shortened(key)))}`;
    case 'too_small':
      return `should ${amount(issue.origin, `at least ${issue.minimum}`)}`;
    case 'too_big':
      return `should ${amount(issue.origin, `at most ${issue.maximum}`)}`;
    default:
      return undefined;
  }
}

/** Where it stands: `clusters[0].name`. */
export function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`)).join('');
  return place === '' ? 'the file' : shortened(place);
}

function amount(origin: string, limit: string): string {
  if (origin === 'string') return `have ${limit} characters`;
  if (origin === 'array' || origin === 'set' || origin === 'map') return `have ${limit} entries`;
  return `be ${limit}`;
}

function kindOf(input: unknown): string {
  if (input === undefined) return 'missing';
  if (input === null) return 'empty';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a group of settings';
  return typeof input === 'string' ? `the text "${redact(shortened(input, 40))}"` : String(input);
}
