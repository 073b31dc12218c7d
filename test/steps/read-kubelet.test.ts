import { describe, expect, it } from 'vitest';
import type { KubeletReader } from '../../src/cluster/cluster.ts';
import type { Finding } from '../../src/diagnosis/finding.ts';
import { CodedError } from '../../src/errors.ts';
import type { Durations, KubeletSample } from '../../src/facts/kubernetes/kubelet-reading.ts';
import { type Event, Node, type Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import type { PullFigures } from '../../src/facts/pull-figures.ts';
import { readKubelet } from '../../src/steps/read-kubelet.ts';
import type { FigureHistory } from '../../src/steps/step.ts';
import { podObject } from '../support/objects.ts';
import { probeContext, silentKubelet } from '../support/probe-context.ts';

const IMAGE = 'registry.example/shop/web:1';
const durations = (count: number, median: number, p95: number): Durations => ({
  count,
  median: { value: median, atLeast: false },
  p95: { value: p95, atLeast: false },
});
const sample = (given: Partial<KubeletSample> = {}): KubeletSample => ({
  at: '2026-03-01T10:09:59Z',
  pulls: 100,
  pullErrors: 1,
  pullDurations: {},
  evictions: {},
  runtimeOperations: {},
  ...given,
});
const node = Node.parse({ metadata: { name: 'node-1' } });

async function read(
  kubelet: Partial<KubeletReader>,
  given: { findings?: readonly Finding[]; pods?: readonly Pod[]; events?: readonly Event[]; history?: FigureHistory } = {},
) {
  const pod = podObject({ image: IMAGE, waiting: { reason: 'ErrImagePull', message: 'x' } });
  const recording = { nodes: [node], pods: [pod, ...(given.pods ?? [])], events: given.events ?? [] };
  const well: Partial<KubeletReader> = {
    sampleMetrics: async () => [sample()],
    readConfiguration: async () => ({ serializeImagePulls: false, maxParallelImagePulls: 5 }),
    readLog: async () => [],
  };
  const result = await readKubelet(
    probeContext(given.pods?.[0] && given.findings ? given.pods[0] : pod, {
      recording,
      kubelet: silentKubelet({ ...well, ...kubelet }),
      findings: given.findings ?? [],
      ...(given.history ? { history: given.history } : {}),
    }),
  );
  return {
    ...result,
    codes: result.findings.map(({ code }) => code),
    says: (code: string) => result.findings.find((finding) => finding.code === code)?.says,
  };
}

describe("a kubelet's figures", () => {
  it('of a node that is well', async () => {
    const { codes, says } = await read({});
    expect(codes).toEqual(['kubelet/pulls-fine', 'kubelet/parallel-pulls']);
    expect(says('kubelet/pulls-fine')).toBe('Of 100 pulls on node-1 since its kubelet started, 1 failed.');
  });

  it('tell of failures since it started and, beside what Prometheus kept, of late', async () => {
    const samples = [
      sample({ at: '2026-03-01T09:10:00Z', pulls: 500, pullErrors: 490 }),
      sample({ at: '2026-03-01T10:10:00Z', pulls: 503, pullErrors: 493, startedAt: '2026-03-01T05:10:00Z' }),
    ];
    expect((await read({ sampleMetrics: async () => samples })).says('kubelet/pull-errors')).toBe(
      'Of 503 pulls on node-1 since its kubelet started 5 h ago, 493 failed; within the last 1 h, 3 of 3. The figures do not say which images.',
    );
  });

  it('are compared with those of an earlier run, and kept for a later one', async () => {
    const kept: PullFigures[][] = [];
    const history: FigureHistory = {
      read: async () => [{ at: '2026-02-27T10:09:59Z', pulls: 40, pullErrors: 0 }],
      keep: async (_, figures) => void kept.push([...figures]),
    };
    const { says } = await read({}, { history });
    expect(says('kubelet/pull-errors')).toContain('within the last 2 d, 1 of 60');
    expect(kept).toEqual([
      [
        { at: '2026-02-27T10:09:59Z', pulls: 40, pullErrors: 0 },
        { at: '2026-03-01T10:09:59Z', pulls: 100, pullErrors: 1 },
      ],
    ]);
  });

  it('of a kubelet that was restarted between two looks are not subtracted', async () => {
    const samples = [sample({ pulls: 500, pullErrors: 490 }), sample({ at: '2026-03-01T10:10:00Z', pulls: 3, pullErrors: 3 })];
    expect((await read({ sampleMetrics: async () => samples })).says('kubelet/pull-errors')).not.toContain('within');
  });

  it('tell of slow pulls, evictions, a slow runtime and a slow sync loop', async () => {
    const slow = sample({
      pullDurations: { '1GB-5GB': durations(10, 167, 287), '5GB-10GB': durations(4, 1000, 2000), '0-10MB': durations(50, 0.5, 1) },
      evictions: { 'nodefs.available': 3, 'memory.available': 9, 'imagefs.available': 0 },
      runtimeOperations: { status: { value: 0.2, atLeast: false }, version: { value: 9.5, atLeast: false } },
      podSync: { value: 115, atLeast: true },
    });
    const { codes, says } = await read({ sampleMetrics: async () => [slow] });
    expect(codes).toEqual([
      'kubelet/pulls-fine',
      'kubelet/slow-pulls',
      'kubelet/evictions',
      'kubelet/runtime-slow',
      'kubelet/sync-slow',
      'kubelet/parallel-pulls',
    ]);
    expect(says('kubelet/slow-pulls')).toMatch(/: 1GB-5GB: half within 2 min 47 s, 95 % within 4 min 47 s \(10 pulls\)\.$/);
    expect(says('kubelet/runtime-slow')).toContain('95 % of its version calls take up to 9.5 s');
    expect(says('kubelet/evictions')).toBe('The kubelet of node-1 evicted pods for want of disk since it started: 3 for nodefs.available.');
  });
});

describe("a kubelet's configuration and log", () => {
  it('tell that pulls are serialized, which is the default, and how few it starts where that bites', async () => {
    const refused: Finding = { code: 'pull-error/pull-qps', says: 'x', container: 'app', evidence: [] };
    const { codes, says } = await read({ readConfiguration: async () => ({}) }, { findings: [refused] });
    expect(codes).toContain('kubelet/serialized-pulls');
    expect(says('kubelet/low-pull-rate')).toContain('at most 5 pulls a second, 10 at once');
    expect((await read({ readConfiguration: async () => ({ serializeImagePulls: false, maxParallelImagePulls: 1 }) })).codes).toContain(
      'kubelet/serialized-pulls',
    );
  });

  it('tell when images are removed and how many logs are kept', async () => {
    const configuration = {
      imageGCHighThresholdPercent: 85,
      imageGCLowThresholdPercent: 80,
      containerLogMaxSize: '10Mi',
      containerLogMaxFiles: 5,
    };
    expect((await read({ readConfiguration: async () => configuration })).says('kubelet/cleanup')).toBe(
      'The kubelet of node-1 removes unused images once the disk is 85 % full, until it is 80 %, and keeps up to 5 log files of 10Mi for each container.',
    );
  });

  it('tell what was logged about the image and about credential providers', async () => {
    const lines = [
      'I pulling registry.example/shop/web:1',
      'I pulling registry.example/shop/web:1.2',
      'E failed to execute credential provider plugin ecr-credential-provider: exit status 1',
    ];
    const { findings } = await read({ readLog: async () => lines });
    expect(findings.slice(-2)).toMatchObject([
      { code: 'kubelet/credential-provider-failed', evidence: [{ source: 'kubelet-log', text: lines[2] }] },
      {
        code: 'kubelet/log-lines',
        says: 'The logs of the kubelet and the runtime on node-1 mention this image.',
        evidence: [{ text: lines[0] }],
      },
    ]);
  });
});

describe('a kubelet that may not be asked', () => {
  it('is a finding with the rule, once, and the rest is told', async () => {
    const forbidden = async () => Promise.reject(new CodedError('kubelet/forbidden', 'needs nodes/metrics'));
    const { codes, says, shortfall } = await read({ sampleMetrics: forbidden, readLog: forbidden });
    expect(codes).toEqual(['kubelet/parallel-pulls', 'kubelet/forbidden']);
    expect([says('kubelet/forbidden'), shortfall]).toEqual(['needs nodes/metrics', 'needs nodes/metrics']);
  });

  it('is a shortfall that says how to change that', async () => {
    const off = async () => Promise.reject(new CodedError('kubelet/off', 'kubelet access is off'));
    expect(await read({ sampleMetrics: off, readConfiguration: off, readLog: off })).toMatchObject({
      findings: [],
      shortfall: 'kubelet access is off',
    });
  });
});
