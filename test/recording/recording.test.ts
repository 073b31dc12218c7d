import { describe, expect, it } from 'vitest';
import type { Pod } from '../../src/facts/kubernetes-object.ts';
import { readRecording, writeRecording } from '../../src/recording/recording.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { eventObject, podObject } from '../support/objects.ts';

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

  const files = writeRecording(recording);
  it.each([
    ['from a newer version', { ...files, 'recording.json': '{"version":2}' }, 'recording/too-new', 'version 2; this program reads up to 1'],
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
