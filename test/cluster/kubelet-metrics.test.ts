import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readKubeletMetrics } from '../../src/cluster/kubelet/kubelet-metrics.ts';
import { matchingLines } from '../../src/cluster/kubelet/log-lines.ts';
import { parseMetrics } from '../../src/cluster/kubelet/prometheus-text.ts';
import { quantile } from '../../src/facts/histogram.ts';

const all = (text: string) => parseMetrics(text, () => true);

describe('the Prometheus text format', () => {
  it.each<[string, unknown]>([
    ['up 1', [{ name: 'up', labels: {}, value: 1 }]],
    ['up{a="b"} 1 1700000000000', [{ name: 'up', labels: { a: 'b' }, value: 1 }]],
    ['up{a="b,c=\\"d\\"",e="\\\\"} 2e3', [{ name: 'up', labels: { a: 'b,c="d"', e: '\\' }, value: 2000 }]],
    ['up{ a = "b" , } 1', [{ name: 'up', labels: { a: 'b' }, value: 1 }]],
    ['b_bucket{le="+Inf"} +Inf # {trace_id="x"} 1', [{ name: 'b_bucket', labels: { le: '+Inf' }, value: Number.POSITIVE_INFINITY }]],
    ['# HELP up x\n# TYPE up counter\n\nup 1\r', [{ name: 'up', labels: {}, value: 1 }]],
    ['up{a="b" 1', []],
    ['up NaN', []],
    ['<html>', []],
  ])('%s', (text, samples) => {
    expect(all(text)).toEqual(samples);
  });

  it('never makes the parser throw, and a line of megabytes costs little', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '=', ',', ' ', '\n', 'a', '1') }), (text) => void all(text)),
    );
    expect(all(`up{a="${'x'.repeat(5_000_000)}`)).toEqual([]);
  });
});

describe("a kubelet's figures", () => {
  it('are read from its metrics', () => {
    const sample = readKubeletMetrics(
      `process_start_time_seconds 1.7722944e+09
kubelet_runtime_operations_total{operation_type="pull_image"} 523
kubelet_runtime_operations_total{operation_type="version"} 9
kubelet_runtime_operations_errors_total{operation_type="pull_image"} 518
kubelet_evictions{eviction_signal="nodefs.available"} 2
kubelet_runtime_operations_duration_seconds_bucket{operation_type="version",le="1"} 2
kubelet_runtime_operations_duration_seconds_bucket{operation_type="version",le="+Inf"} 2
kubelet_runtime_operations_duration_seconds_count{operation_type="version"} 2
kubelet_runtime_operations_duration_seconds_bucket{operation_type="pull_image",le="+Inf"} 2
kubelet_runtime_operations_duration_seconds_count{operation_type="pull_image"} 2
kubelet_pod_worker_duration_seconds_bucket{operation_type="create",le="+Inf"} 4
kubelet_pod_worker_duration_seconds_bucket{operation_type="sync",le="10"} 4
kubelet_pod_worker_duration_seconds_bucket{operation_type="sync",le="+Inf"} 4
kubelet_pod_worker_duration_seconds_count{operation_type="sync"} 4
kubelet_image_pull_duration_seconds_bucket{image_size_in_bytes="0-10MB",le="1"} 3
kubelet_image_pull_duration_seconds_bucket{image_size_in_bytes="0-10MB",le="+Inf"} 5
kubelet_image_pull_duration_seconds_sum{image_size_in_bytes="0-10MB"} 47.2
kubelet_image_pull_duration_seconds_count{image_size_in_bytes="0-10MB"} 5
`,
      '2026-03-01T10:00:00Z',
    );
    expect(Object.keys(sample.runtimeOperations)).toEqual(['version']);
    expect(sample).toMatchObject({
      startedAt: '2026-02-28T16:00:00.000Z',
      pulls: 523,
      pullErrors: 518,
      evictions: { 'nodefs.available': 2 },
      pullDurations: { '0-10MB': { count: 5, median: { value: 2.5 / 3, atLeast: false }, p95: { value: 1, atLeast: true } } },
      runtimeOperations: { version: { value: 0.95, atLeast: false } },
      podSync: { value: 9.5, atLeast: false },
    });
  });

  it('count no error where none was ever printed', () => {
    expect(readKubeletMetrics('kubelet_runtime_operations_total{operation_type="pull_image"} 5', 'x').pullErrors).toBe(0);
    expect(readKubeletMetrics('up 1', 'x').pullErrors).toBeUndefined();
  });
});

describe('a quantile', () => {
  const histogram = (...counts: readonly (readonly [number, number])[]) => ({
    buckets: counts.map(([le, count]) => ({ le, count })),
    count: 0,
  });
  it.each([
    ['lies inside its bucket', histogram([1, 50], [5, 100], [Number.POSITIVE_INFINITY, 100]), 0.75, { value: 3, atLeast: false }],
    ['begins at zero', histogram([10, 10], [Number.POSITIVE_INFINITY, 10]), 0.5, { value: 5, atLeast: false }],
    ['beyond the last bound is at least that', histogram([10, 1], [Number.POSITIVE_INFINITY, 10]), 0.95, { value: 10, atLeast: true }],
    ['of nothing is nothing', histogram([10, 0], [Number.POSITIVE_INFINITY, 0]), 0.5, undefined],
    ['of no bucket is nothing', histogram(), 0.5, undefined],
  ] as const)('%s', (_, given, q, expected) => {
    expect(quantile(given, q)).toEqual(expected);
  });
});

describe('the lines of a log', () => {
  const since = new Date('2026-03-01T09:40:00Z');

  it('hold no environment and no argument of a container', () => {
    const dump =
      'E0301 10:00:00.0 1 x] container &Container{Name:web,Image:web,Args:[--db canary-argument],Env:[]EnvVar{EnvVar{Name:A,Value:canary-value}}} start failed';
    expect(matchingLines(dump, { words: ['web'], most: 3, since })).toEqual(['E0301 10:00:00.0 1 x] container [container]']);
  });

  it('are no older than asked for, by the time that klog or containerd wrote', () => {
    const text =
      'E0301 09:39:59.1 1 web old\nE0301 09:40:01.1 1 web new\ntime="2026-03-01T09:00:00Z" web old\ntime="2026-03-01T09:50:00.123Z" web new\nweb without a time';
    expect(matchingLines(text, { words: ['web'], most: 9, since }).map((line) => line.split(' ').at(-1))).toEqual(['new', 'new', 'time']);
    expect(matchingLines('E1231 23:59:59.1 1 web', { words: ['web'], most: 9, since: new Date('2026-01-01T00:10:00Z') })).toEqual([]);
  });

  it('are no older than asked for by the time that a journal wrote before them', () => {
    const text = [
      'Mar 01 09:39:59.100000 node-1 kubelet[812]: E0301 09:39:59.100000 812 x.go:1] web old',
      'Mar  1 09:40:01.100000 node-1 containerd[700]: time="2026-03-01T09:40:01.1Z" level=error msg="web new"',
      'Feb 28 23:00:00.000000 node-1 kubelet[812]: web old',
    ].join('\n');
    expect(matchingLines(text, { words: ['web'], most: 9, since }).map((line) => line.slice(0, 6))).toEqual(['Mar  1']);
  });

  it('stand for those that differ in times and numbers only, so that one log does not push the other out', () => {
    const kubelet = 'E0301 09:50:00.1 1 pulling web';
    const containerd = Array.from({ length: 50 }, (_, second) => `time="2026-03-01T09:55:${second + 10}Z" msg="web failed ${second}"`);
    const text = [kubelet, ...containerd].join('\n');
    expect(matchingLines(text, { words: ['web'], most: 5, since })).toEqual([kubelet, containerd.at(-1)]);
    expect(matchingLines(text, { words: ['web'], most: 5, since, counts: (line) => line.includes('pulling') })).toEqual([kubelet]);
  });

  it('are cut around the word that they were found by', () => {
    const [line = ''] = matchingLines(`${'x'.repeat(3000)} web failed`, { words: ['web'], most: 1, since });
    expect(line.endsWith('web failed')).toBe(true);
  });

  it('are the newest with one of the words, in their order, redacted and cut', () => {
    const text = ['one WEB', 'two', 'three web password=canary-1234', `four web ${'x'.repeat(1000)}`, 'five web', ''].join('\n');
    const lines = matchingLines(text, { words: ['web', ''], most: 3, since });
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['three', 'four', 'five']);
    expect(lines.join('')).not.toContain('canary');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(600);
  });
});
