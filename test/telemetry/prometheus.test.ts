import { describe, expect, it } from 'vitest';
import { SILENT } from '../../src/telemetry/log.ts';
import { COUNTERS, GAUGES, HISTOGRAMS } from '../../src/telemetry/metrics.ts';
import { createPrometheusMetrics } from '../../src/telemetry/prometheus.ts';

describe('figures', () => {
  it('are named as Prometheus wants them', () => {
    for (const name of Object.keys(COUNTERS)) expect(name).toMatch(/^imagepull_[a-z_]+_total$/);
    for (const name of Object.keys(HISTOGRAMS)) expect(name).toMatch(/^imagepull_[a-z_]+_seconds$/);
    for (const name of Object.keys(GAUGES)) expect(name).toMatch(/^imagepull_[a-z_]+(?<!_total)$/);
  });

  it('are counted, timed and read, each with its labels', async () => {
    const metrics = createPrometheusMetrics(SILENT);
    metrics.count('imagepull_verdicts_total', { cause: 'tag-not-found', confidence: 'confirmed' });
    metrics.count('imagepull_verdicts_total', { cause: 'tag-not-found', confidence: 'confirmed' }, 2);
    metrics.time('imagepull_verdict_seconds', 0.4);
    metrics.gauge('imagepull_queue_tasks', async () => [{ labels: { queue: 'work' }, value: 7 }]);
    const text = await metrics.text();
    expect(text).toContain('imagepull_verdicts_total{cause="tag-not-found",confidence="confirmed"} 3');
    expect(text).toContain('imagepull_verdict_seconds_bucket{le="0.5"} 1');
    expect(text).toContain('imagepull_queue_tasks{queue="work"} 7');
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('are given although one of them cannot be read, which is logged', async () => {
    const logged: string[] = [];
    const metrics = createPrometheusMetrics({ ...SILENT, warn: (message) => logged.push(message) });
    metrics.gauge('imagepull_incidents_open', () => Promise.reject(new Error('Redis is away')));
    metrics.count('imagepull_unknown_errors_total', {});
    expect(await metrics.text()).toContain('imagepull_unknown_errors_total 1');
    expect(logged).toEqual(['a figure could not be read']);
  });
});
