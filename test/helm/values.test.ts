import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

const values: unknown = parse(readFileSync('helm/values.yaml', 'utf8'));
const schema = JSON.parse(readFileSync('helm/values.schema.json', 'utf8')) as Schema;
const templates = readdirSync('helm/templates', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(?:yaml|tpl|txt)$/.test(file))
  .map((file) => readFileSync(join('helm/templates', file), 'utf8'))
  .join('\n');

/** Words that users choose stand where the schema lists no properties. */
function inValues(value: unknown, { properties }: Schema, path = ''): readonly string[] {
  if (properties === undefined || typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, part]) => inValues(part, properties[key] ?? {}, `${path}.${key}`));
}

function inSchema({ properties }: Schema, path = ''): readonly string[] {
  if (properties === undefined) return [path];
  return Object.entries(properties).flatMap(([key, part]) => inSchema(part, `${path}.${key}`));
}

describe('values.yaml', () => {
  it('has each value that the schema allows, and no other', () => {
    // What a chart above this one hands down.
    const wanted = inSchema(schema).filter((path) => path !== '.global');
    expect([...inValues(values, schema)].sort()).toEqual([...wanted].sort());
  });

  it('has no value that no template reads', () => {
    // Read by the name of the role, or of the resource.
    const byName = /^\.redis\.perRole\.|^\.remedies\.impersonate\.groups$/;
    const unread = inValues(values, schema).filter(
      (path) => !byName.test(path) && !new RegExp(`\\.${path.split('.').at(-1)}\\b`).test(templates),
    );
    expect(unread).toEqual([]);
  });
});
