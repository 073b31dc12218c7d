import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { jsonText } from '../../src/recording/json-text.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import { readRecording, writeRecording } from '../../src/recording/recording.ts';
import { readRecordingFolder, writeRecordingFiles, writeRecordingFolder } from '../../src/recording/recording-folder.ts';
import { diagnoseRecording, recordingOf } from '../support/diagnosis.ts';
import { eventObject, nodeObject, podObject } from '../support/objects.ts';

const message =
  'Get "https://robot:canary-password@registry.example/v2/?token=canary-token": unauthorized; Authorization: Bearer canary.bearer-0123456789';
const pod = podObject({ waiting: { reason: 'ErrImagePull', message } });
const recording = recordingOf(pod, [eventObject({ reason: 'Failed', message })]);

describe('a recording', () => {
  it('is read back as it was written, secrets left out', () => {
    const files = writeRecording(recording);
    expect(JSON.stringify(files)).not.toContain('canary');
    const again = readRecording(files);
    expect(again.podObject.metadata).toEqual(pod.metadata);
    expect(again.capturedAt).toBe('2026-03-01T10:10:00Z');
    expect(writeRecording(again)).toEqual(files);
  });

  it('holds answers in the same order, whichever came first', () => {
    const answers = ['b', 'a', 'c'].map((about) => ({ ask: 'kubelet/log', about, answer: [] }));
    const written = ['a', 'b', 'c'].map((about) => ({ ask: 'kubelet/log', about, answer: [] }));
    expect(JSON.parse(writeRecording({ ...recording, answers })['answers.json'] ?? '')).toEqual({ items: written });
  });

  it('never holds what a diagnosis does not read', () => {
    const full = {
      ...pod,
      metadata: { ...pod.metadata, annotations: { note: 'canary-annotation' } },
      spec: {
        ...pod.spec,
        containers: [{ name: 'app', image: 'x', env: [{ name: 'A', value: 'canary-env' }], command: ['canary-command'] }],
      },
    };
    expect(JSON.stringify(writeRecording({ ...recording, podObject: full as Pod, pods: [full as Pod] }))).not.toContain('canary');
  });

  it('may be plain answers of an API server; then it is as late as the pod was last heard of', () => {
    const plain = readRecording({
      'pod.json': JSON.stringify(pod),
      'events.json': JSON.stringify({ items: [eventObject({ reason: 'Failed', message: 'x', last: '2026-03-01T10:07:00Z' })] }),
    });
    expect(plain).toMatchObject({ namespace: 'shop', pod: 'web-0', capturedAt: '2026-03-01T10:07:00Z', cluster: 'recording' });
  });

  it('may share folders with others; what it says itself counts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shared-'));
    try {
      const [own, world] = [join(folder, 'own'), join(folder, 'world')];
      const node = (name: string, image: string) => nodeObject({ name, status: { images: [{ names: [image] }] } });
      const answers = (about: string, answer: string) => [{ ask: 'kubelet/log', about, answer: [answer] }];
      await writeRecordingFolder(own, { ...recording, nodes: [node('node-1', 'own')], answers: answers('here', 'own') });
      const others = [podObject({ name: 'other-0' }), podObject({ waiting: { reason: 'x', message: 'shared' } })];
      await writeRecordingFolder(world, {
        ...recording,
        pods: others,
        podObject: podObject({ name: 'nobody' }),
        nodes: [node('node-1', 'shared'), node('node-2', 'shared')],
        answers: [...answers('here', 'shared'), ...answers('there', 'shared')],
      });
      const header = JSON.parse(await readFile(join(own, 'recording.json'), 'utf8'));
      const sharing = (shared: unknown) => writeFile(join(own, 'recording.json'), JSON.stringify({ ...header, shared }));
      await sharing(['../world']);
      const read = await readRecordingFolder(own);
      expect(read.podObject).toEqual((await readRecordingFolder(own)).pods[0]);
      expect(read.pods.map(({ metadata }) => metadata.name)).toEqual(['web-0', 'other-0']);
      expect(read.nodes?.map(({ metadata, status }) => [metadata.name, status?.images?.[0]?.names?.[0]])).toEqual([
        ['node-1', 'own'],
        ['node-2', 'shared'],
      ]);
      expect(read.answers.map(({ about, answer }) => [about, answer])).toEqual([
        ['here', ['own']],
        ['there', ['shared']],
      ]);
      await sharing(['../nowhere']);
      await expect(readRecordingFolder(own)).rejects.toMatchObject({
        code: 'recording/not-found',
        message: expect.stringContaining('nowhere'),
      });
      await sharing(['/etc']);
      await expect(readRecordingFolder(own)).rejects.toMatchObject({
        code: 'recording/broken',
        message: expect.stringContaining('shared.0'),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('has a line for what fits on one, and for each member of what does not', () => {
    const items = [
      { code: 'short', says: 'x' },
      { code: 'long', says: 'x'.repeat(170), gone: undefined },
    ];
    const text = jsonText({ items, none: [] });
    expect(text).toBe(
      `{\n "items": [\n  {"code":"short","says":"x"},\n  {\n   "code": "long",\n   "says": "${'x'.repeat(170)}"\n  }\n ],\n "none": []\n}\n`,
    );
    expect(JSON.parse(text)).toEqual({ items: [items[0], { code: 'long', says: 'x'.repeat(170) }], none: [] });
  });

  it('of version 1 is read and written as one of this version, and says the same', async () => {
    const old = await readRecordingFolder('test/recording/version-1');
    expect(old.answers.find(({ ask }) => ask === 'kubelet/metrics')?.answer).toMatchObject([
      { podWorkers: { sync: { buckets: expect.anything() } } },
    ]);
    const now = writeRecording(old);
    expect(now['answers.json']).not.toContain('buckets');
    expect(JSON.parse(now['recording.json'] ?? '')).toMatchObject({ version: 2 });
    const [before, after] = [await diagnoseRecording(old), await diagnoseRecording(readRecording(now))];
    expect(before.conclusion?.verdict).toMatchObject({ cause: 'credentials-rejected', confidence: 'likely' });
    expect(before.findings.map(({ code }) => code)).toContain('kubelet/pull-errors');
    expect({ ...after, id: before.id, incidentId: before.incidentId }).toEqual(before);
  });

  it('of version 1 loses no figure that is read, also where there is only one', async () => {
    const buckets = [
      { le: 30, count: 1 },
      { le: null, count: 20 },
    ];
    const sample = {
      at: '2026-03-01T10:00:00Z',
      pullDurations: {},
      evictions: {},
      runtimeOperations: {},
      podWorkers: { sync: { buckets, count: 20, sum: 0 } },
    };
    const { kubelet } = createRecordedSources({ ...recording, answers: [{ ask: 'kubelet/metrics', about: 'node-1', answer: [sample] }] });
    expect(await kubelet.sampleMetrics(nodeObject())).toMatchObject([{ podSync: { value: 30, atLeast: true } }]);
  });

  const files = writeRecording(recording);
  it.each([
    ['from a newer version', { ...files, 'recording.json': '{"version":3}' }, 'recording/too-new', 'version 3; this program reads up to 2'],
    ['cut off', { ...files, 'events.json': '{"items":[' }, 'recording/broken', 'events.json of the recording is not JSON'],
    [
      'without its events',
      Object.fromEntries(Object.entries(files).filter(([name]) => name !== 'events.json')),
      'recording/broken',
      'has no events.json',
    ],
    ['with a pod that is none', { ...files, 'pod.json': '[]' }, 'recording/broken', 'pod.json of the recording is broken at its root'],
    [
      'with a time that is none',
      { ...files, 'recording.json': '{"version":1,"capturedAt":"yesterday","cluster":"c","namespace":"n","pod":"p"}' },
      'recording/broken',
      'capturedAt',
    ],
  ])('that is %s is refused with a sentence', (_, broken, code, text) => {
    expect(() => readRecording(broken)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(text) }));
  });
});

it.each(['../escaped.json', '/tmp/escaped.json', 'pod.json/../../escaped', 'notes.txt', '__proto__'])(
  'no file is written that has the name %s',
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'imagepull-recording-'));
    const files = JSON.parse(`{ "pod.json": "{}", ${JSON.stringify(name)}: "x" }`) as Record<string, string>;
    await expect(writeRecordingFiles(folder, files)).rejects.toMatchObject({ code: 'recording/broken' });
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  },
);
