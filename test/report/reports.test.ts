import { describe, expect, it } from 'vitest';
import { commandsOf, evidenceOf } from '../../src/report/card/replies.ts';
import { markdownReport } from '../../src/report/formats/markdown-report.ts';
import { scanText } from '../../src/report/formats/scan-report.ts';
import { textReport } from '../../src/report/formats/text-report.ts';
import { plain } from '../../src/report/layout.ts';
import { type Report, reportOf } from '../../src/report/report.ts';
import { groupFailures } from '../../src/scan/grouping.ts';
import { diagnoseRecording, recordingOf } from '../support/diagnosis.ts';
import { eventObject, podObject } from '../support/objects.ts';
import { catalogue, classify } from '../support/rules.ts';

async function reportFor(message: string): Promise<Report> {
  const pod = podObject({ waiting: { reason: 'ErrImagePull', message } });
  const run = await diagnoseRecording(recordingOf(pod, [eventObject({ reason: 'Failed', message })]));
  return reportOf(run, { kubernetes: 3, registry: 0 });
}

describe('a report', () => {
  it('keeps every line but commands and long words within the width', async () => {
    const report = await reportFor(
      'Failed to pull image "registry.example/shop/web:1": dial tcp: lookup registry.example on 192.0.2.53:53: no such host',
    );
    const text = textReport(report, plain, 60);
    const long = text.split('\n').filter((line) => line.length > 60 && line.trim().includes(' ') && !/^ {6,7}\S/.test(line));
    expect(long).toEqual([]);
  });

  it('keeps what changes something apart from what reads, and says what it risks, wherever it is shown', async () => {
    const report = await reportFor(
      'Failed to pull image "registry.example/shop/web:1": write /var/lib/containerd/x: no space left on device',
    );
    expect(textReport(report, plain, 200)).toMatch(
      /Reads, on the node:\n +df -h; df -i; crictl images\n.*Changes, on the node: the images have to be pulled again.*\n +crictl rmi --prune\n/s,
    );
    expect(markdownReport(report)).toMatch(/Changes, on the node: the images .*:\n\n +```\n +crictl rmi --prune\n +```/);
    const pieces = [...evidenceOf(report), ...commandsOf(report)].filter((piece) => piece.kind === 'commands');
    expect(pieces.filter(({ commands }) => commands.includes('crictl rmi --prune'))).toEqual([
      { kind: 'commands', title: expect.stringMatching(/^Changes, on the node: .*lost$/), commands: ['crictl rmi --prune'] },
    ]);
  });

  it('shows the change for Git where a tool applies the manifests', async () => {
    const message = 'Failed to pull image "registry.example/shop/web:1": registry.example/shop/web:1: not found';
    const pod = podObject({ waiting: { reason: 'ErrImagePull', message }, labels: { 'helm.sh/chart': 'web-1' } });
    const report = reportOf(await diagnoseRecording(recordingOf(pod)), { kubernetes: 3, registry: 0 });
    const lines = /- image: registry\.example\/shop\/web:1\n +\+ image: <corrected image>\n/;
    expect(textReport(report, plain, 100)).toMatch(lines);
    expect(markdownReport(report)).toMatch(/```diff\n +- image/);
    expect(JSON.stringify([...evidenceOf(report), ...commandsOf(report)])).toContain('- image: registry.example/shop/web:1');
  });

  it('shows no control character of a message, and cuts a message without end', async () => {
    const report = await reportFor(`Failed to pull image "x": \u001b[2J\u202eboo ${'long '.repeat(2_000)}`);
    const text = textReport(report, plain, 100);
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u202e');
    expect(text.length).toBeLessThan(6_000);
  });

  it('shows no control character of an image name either, also in a scan', async () => {
    const pod = podObject({ image: 'x\u001b[31mred\u202e', waiting: { reason: 'InvalidImageName', message: 'invalid reference format' } });
    const run = await diagnoseRecording(recordingOf(pod));
    const given = { catalogue, classify, now: new Date('2026-03-01T10:10:00Z'), cluster: 'test' };
    const scan = {
      groups: await groupFailures([pod], [], given),
      lookedAt: { pods: 1, nodes: 1, where: 'the cluster', complete: true },
      shortfalls: [],
      requests: { kubernetes: 1, registry: 0 },
    };
    for (const text of [textReport(reportOf(run, { kubernetes: 3, registry: 0 }), plain, 100), scanText(scan, plain, 100)]) {
      expect(text).toContain('x�[31mred');
      expect(text).not.toContain('\u001b');
      expect(text).not.toContain('\u202e');
    }
  });

  it('is no markup that a message could inject, in markdown', async () => {
    const hostile = 'Failed to pull image "x": ```\n# owned\n[click](http://evil.example) <!channel> @here';
    const text = markdownReport(await reportFor(hostile));
    const outside = text.replace(/(`{3,})[\s\S]*?\n\s*\1/g, '');
    expect(outside).not.toMatch(/owned|evil\.example|<!channel>/);
  });
});
