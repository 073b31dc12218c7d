import { z } from 'zod';
import { FileConfig } from '../../src/app/config/schema.ts';
import { VARIABLES } from '../../src/app/config/variables.ts';
import { markdownTable } from './markdown-table.ts';

/** What of a JSON Schema is said of a setting. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** What somebody writes for a setting: a row of a table. */
interface Row {
  readonly setting: string;
  readonly takes: string;
  readonly left: string;
  readonly means: string;
}

/** Every environment variable that the service reads. */
export function variablesTable(): string {
  return markdownTable(
    ['variable', 'or from a file', 'meaning'],
    VARIABLES.map(({ name, kind, means }) => [`\`${name}\``, kind === 'plain' ? '' : `\`${name}_FILE\``, means]),
  );
}

/** Every setting, a table for each group of the file. */
export function settingsReference(): string {
  const root = z.toJSONSchema(FileConfig, { io: 'input', unrepresentable: 'any' }) as Schema; // only what is listed above is read
  const entries = Object.entries(root.properties ?? {});
  const isGroup = (schema: Schema) => schema.properties !== undefined || schema.items?.properties !== undefined;
  const single = entries.filter(([, schema]) => !isGroup(schema)).map(([name, schema]) => rowOf(name, schema, false));
  return [
    ...entries
      .filter(([, schema]) => isGroup(schema))
      .map(([name, schema]) => `### ${name}\n\n${said(name, schema)}\n\n${rowsTable(inside(schema, ''))}`),
    `### On their own\n\n${rowsTable(single)}`,
  ].join('\n');
}

function said(name: string, { description, items }: Schema): string {
  return `${description ?? missing(name)}${items === undefined ? '' : ' A list; each has:'}`;
}

function rowsTable(rows: readonly Row[]): string {
  return markdownTable(
    ['setting', 'takes', 'default', 'meaning'],
    rows.map(({ setting, takes, left, means }) => [`\`${setting}\``, takes, left, means]),
  );
}

/** The settings within a group or a list of groups, those within them as well. */
function inside(schema: Schema, prefix: string): readonly Row[] {
  const { properties = {}, required = [] } = schema.items ?? schema;
  return Object.entries(properties).flatMap(([name, inner]) => {
    const setting = `${prefix}${name}`;
    return [rowOf(setting, inner, required.includes(name)), ...below(inner, setting)];
  });
}

function below(schema: Schema, setting: string): readonly Row[] {
  if (schema.properties) return inside(schema, `${setting}.`);
  if (schema.items?.properties) return inside(schema, `${setting}[].`);
  const kinds = (schema.anyOf ?? schema.oneOf ?? []).filter(({ properties }) => properties !== undefined);
  const rows = kinds.map((kind) => inside(kind, `${setting}.`));
  const [first = []] = rows;
  if (kinds.length < 2) return first;
  // What sets the kinds apart says what each is; what not all of them have says whose it is.
  const names = kinds.map(({ properties = {} }) => Object.values(properties).flatMap((inner) => inner.const ?? [])[0]);
  const choice = {
    setting: first[0]?.setting ?? setting,
    takes: names.map((name) => `\`${String(name)}\``).join(' '),
    left: 'has to be set',
    means: kinds.map((kind, at) => `\`${String(names[at])}\`: ${kind.description ?? missing(setting)}`).join(' '),
  };
  const others = rows.flatMap((own, at) => own.slice(1).map((row) => ({ ...row, of: names[at] })));
  const byName = Map.groupBy(others, ({ setting: name }) => name);
  const merged = [...byName.values()].flatMap(([row, ...same]) => {
    if (row === undefined) return [];
    const { of, ...plain } = row;
    return same.length + 1 === kinds.length ? [plain] : [{ ...plain, means: `Of \`${String(of)}\`: ${plain.means}` }];
  });
  return [choice, ...merged];
}

function rowOf(setting: string, schema: Schema, isRequired: boolean): Row {
  const fallback = schema.default;
  const shown = fallback === undefined || below(schema, setting).length > 0 ? '' : `\`${JSON.stringify(fallback)}\``;
  return {
    setting,
    takes: takes(schema),
    left: isRequired ? 'has to be set' : shown,
    means: schema.description ?? (schema.const === undefined ? missing(setting) : ''),
  };
}

function missing(setting: string): never {
  throw new Error(`${setting} says nothing of itself: give it .describe(…) in its schema`);
}

function takes(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(' ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  const kinds = schema.anyOf ?? schema.oneOf;
  if (kinds) return [...new Set(kinds.map(takes))].join(' or ');
  switch (schema.type) {
    case 'array':
      return `list of ${schema.items?.properties ? 'groups' : takes(schema.items ?? {})}`;
    case 'object':
      return schema.properties ? 'group' : `names with ${takes(schema.additionalProperties || {})}`;
    case 'integer':
    case 'number':
      return `${schema.minimum ?? ''} to ${schema.maximum ?? ''}`;
    case 'boolean':
      return '`true` `false`';
    default:
      return 'text';
  }
}
