import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { COUNTERS, GAUGES, HISTOGRAMS } from '../../src/telemetry/metrics.ts';
import { metricsTable } from '../support/metrics-table.ts';
import { program } from '../support/real-parts.ts';

const Rules = z.object({
  groups: z.array(z.object({ name: z.string(), rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});
const Dashboard = z.object({ panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })) });
const rules = Rules.parse(parse(readFileSync('docs/monitoring/alert-rules.yaml', 'utf8')));
const dashboard = Dashboard.parse(JSON.parse(readFileSync('docs/monitoring/dashboard.json', 'utf8')));

const exported = new Set([
  ...Object.keys(COUNTERS),
  ...Object.keys(GAUGES),
  ...Object.keys(HISTOGRAMS).flatMap((name) => [`${name}_bucket`, `${name}_sum`, `${name}_count`]),
]);
const labels = new Set([
  ...Object.values({ ...COUNTERS, ...GAUGES, ...HISTOGRAMS }).flatMap((figure) => [...figure.labels]),
  'le',
  'instance',
]);
const expressions = [
  ...rules.groups.flatMap((group) => group.rules.map(({ alert, expr }) => [alert, expr] as const)),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** What promtool says of a file of rules. */
async function checked(text: string): Promise<{ readonly status: number | null; readonly said: string }> {
  const promtool = await program('promtool', 'prometheus');
  const folder = mkdtempSync(join(tmpdir(), 'imagepull-rules-'));
  try {
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, text);
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'rules', file], { encoding: 'utf8' });
    return { status, said: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('rules and dashboard', () => {
  it.each(expressions)('%s asks for figures and labels that there are', (_, expr) => {
    const asked = expr.match(/imagepull_[a-z_]+/g) ?? [];
    expect(asked.length).toBeGreaterThan(0);
    for (const name of asked) expect(exported).toContain(name);
    for (const [, list = ''] of expr.matchAll(/(?:by|on) \(([^)]*)\)/g))
      for (const label of list.split(/, ?/)) expect(labels).toContain(label);
    for (const [, label = ''] of expr.matchAll(/[{,]([a-z_]+)!?=/g)) expect(labels).toContain(label);
  });

  it('are what Prometheus takes, and a wrong one is not', async () => {
    expect(await checked(readFileSync('docs/monitoring/alert-rules.yaml', 'utf8'))).toMatchObject({ status: 0 });
    const asRules = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll('$__range', '1d')));
    const recorded = asRules.map((expr, n) => ({ record: `panel:${n}`, expr }));
    expect(await checked(stringify({ groups: [{ name: 'dashboard', rules: recorded }] }))).toMatchObject({ status: 0 });
    expect((await checked(stringify({ groups: [{ name: 'wrong', rules: [{ record: 'x', expr: 'sum(' }] }] }))).status).not.toBe(0);
  });

  it('show every figure', () => {
    const asked = expressions.map(([, expr]) => expr).join(' ');
    for (const name of [...Object.keys(COUNTERS), ...Object.keys(GAUGES), ...Object.keys(HISTOGRAMS)]) expect(asked).toContain(name);
  });

  it('are documented as they are', () => {
    expect(readFileSync('docs/metrics.md', 'utf8')).toContain(metricsTable());
  });
});
