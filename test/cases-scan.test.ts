import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../src/app/app.ts';
import { createRecordedSources } from '../src/recording/recorded-world.ts';
import type { Recording } from '../src/recording/recording.ts';
import { readRecordingFolder } from '../src/recording/recording-folder.ts';
import { scanCluster } from '../src/scan/scan-cluster.ts';
import { CASES, caseNames } from './support/cases.ts';
import { readExpected } from './support/expected.ts';
import { catalogue, classify } from './support/rules.ts';

const CHAT = {
  post: async () => ({ ts: 'card' }),
  update: async () => undefined,
  find: async () => undefined,
  findForgotten: async () => undefined,
  notify: async () => undefined,
  link: async () => undefined,
};
/** Findings of places where a scan does not look. */
const BEYOND = /^(?:registry|secret|endpoint|node|kubelet|pods)\//;

async function concluded(recording: Recording, only?: string) {
  const { namespace, pod, capturedAt } = recording;
  const sources = createRecordedSources(recording);
  const run = await diagnose({ sources, namespace, pod, wanted: { only }, chat: CHAT, now: () => new Date(capturedAt) });
  if (!run.conclusion) throw new Error('every run ends with a conclusion');
  return { ...run.conclusion, findings: run.findings };
}

/** The group of a scan that holds this container of the pod that a recording is about. */
async function scanned(recording: Recording, container: string | undefined) {
  const { cluster } = createRecordedSources(recording);
  const { groups } = await scanCluster({ cluster, catalogue, classify, now: new Date(recording.capturedAt) }, undefined);
  return groups.find(({ containers }) =>
    containers.some((one) => one.pod === recording.pod && one.namespace === recording.namespace && one.container === container),
  );
}

describe.each(caseNames())('case %s', (name) => {
  it('has one cause in a scan and in a diagnosis, wherever both can see it', async () => {
    const recording = await readRecordingFolder(join(CASES, name));
    const alike = await concluded(recording, 'read-pull-events');
    const group = await scanned(recording, alike.container);
    expect(group?.cause ?? null).toBe(alike.verdict.cause);
    if (group) expect(group.confidence).toBe(alike.verdict.confidence);
    if (group?.containers.length === 1) expect(group.title).toBe(alike.title);

    const whole = await concluded(recording);
    const inScan = await scanned(recording, whole.container);
    const { cause: truth } = await readExpected(join(CASES, name));
    if (truth === null) expect(inScan).toBeUndefined();
    if (inScan?.confidence === 'confirmed') expect(inScan.cause, 'a scan is sure of nothing but the truth').toBe(truth);
    if ((inScan?.cause ?? null) === whole.verdict.cause) return;
    const telling = new Set([...whole.verdict.because, ...whole.verdict.against]);
    const beyond = whole.findings.filter(({ code, says, indirect }) => telling.has(says) && (BEYOND.test(code) || indirect));
    expect(beyond, 'a whole diagnosis differs only by what a scan cannot see').not.toEqual([]);
  });
});
