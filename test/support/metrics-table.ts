import { COUNTERS, GAUGES, HISTOGRAMS } from '../../src/telemetry/metrics.ts';

/** All figures as rows of a table in markdown, as docs/metrics.md has them. */
export function metricsTable(): string {
  const rows = Object.entries({ counter: COUNTERS, histogram: HISTOGRAMS, gauge: GAUGES }).flatMap(([type, figures]) =>
    Object.entries<{ readonly help: string; readonly labels: readonly string[] }>(figures).map(
      ([name, { help, labels }]) => `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
    ),
  );
  return ['| name | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
