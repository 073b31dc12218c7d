import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceSecrets, VARIABLES } from '../../src/app/config/variables.ts';
import { readSettings } from '../../src/app/config.ts';
import { GENERATED, withGenerated } from '../support/generated-parts.ts';

const document = readFileSync('docs/configuration.md', 'utf8');

describe('docs/configuration.md', () => {
  it('says of every setting and variable what the schema says; npm run reference writes it', () => {
    expect(withGenerated(document, GENERATED['docs/configuration.md'] ?? {})).toBe(document);
    expect(document).toContain(
      '| `leaseMs` | 500 to 300000 | `15000` | How long a task may be silent before another worker takes it, ms. |',
    );
  });

  it.each(['docs/configuration.md', 'docs/install.md', 'docs/slack.md', 'docs/alerts.md', 'docs/incidents.md'])(
    'and %s have examples that serve takes',
    (name) => {
      const blocks = [...readFileSync(name, 'utf8').matchAll(/```yaml\n([\s\S]{1,8000}?)```/g)].map(([, text = '']) => text);
      const configurations = blocks.filter((text) => /^(?:clusters|channels|alerts):/m.test(text) && !/^(?:image|receivers):/m.test(text));
      const clusters = 'clusters: [{ name: prod }, { name: staging }]\n';
      for (const text of configurations) readSettings({ name, text: /^clusters:/m.test(text) ? text : `${clusters}${text}` });
      if (name === 'docs/configuration.md') expect(configurations).toHaveLength(1);
    },
  );

  it('lists every variable that the service reads', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/^(?:cli|demo|node)\//.test(file))
      .map((file) => readFileSync(join('src', file), 'utf8'))
      .join('\n');
    const read = [...sources.matchAll(/(?:env|environment|process\.env)(?:\['|\.)([A-Z][A-Z0-9_]{2,40})\b/g)].map(([, name]) => name);
    const named = [...sources.matchAll(/'((?:[A-Z]{1,20}_PROXY)|SLACK_[A-Z_]{1,40}|REDIS_[A-Z_]{1,40})'/g)].map(([, name]) => name);
    // Where kubectl's own configuration is by default, and a pod's own API server: set by the system.
    const bySystem = new Set(['HOME', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT']);
    const known = new Set(VARIABLES.flatMap(({ name, kind }) => (kind === 'plain' ? [name] : [name, `${name}_FILE`])));
    expect(named.length).toBeGreaterThan(6);
    expect([...new Set([...read, ...named])].filter((name) => name !== undefined && !known.has(name) && !bySystem.has(name))).toEqual([]);
  });

  it('knows the variables of alert sources, each once', () => {
    const source = (name: string, secret: string) =>
      `{ name: ${name}, sender: alertmanager, cluster: default, authentication: { scheme: bearer, secret: ${secret} } }`;
    const settings = readSettings({ name: 'x', text: `alerts: { sources: [${source('a', '[A, B]')}, ${source('b', 'B')}] }` });
    expect(sourceSecrets(settings)).toEqual(['A', 'B']);
  });
});
