import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { keepRecording } from '../../src/engine/keep-recording.ts';
import { CodedError } from '../../src/errors.ts';
import type { Correction } from '../../src/incident/correction.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';

const CORRECTION: Correction = {
  id: 'c',
  revision: 0,
  incidentId: 'i',
  runId: 'r',
  cluster: 'prod',
  namespace: 'shop',
  pod: 'web-0',
  cause: 'tag-not-found',
  confidence: 'likely',
  said: 'dns-failure',
  by: 'U1',
  at: '2026-03-01T12:00:00Z',
  recording: { status: 'wanted' },
};

async function kept(capture: ((namespace: string, pod: string) => Promise<Readonly<Record<string, string>>>) | undefined) {
  const store = new MemoryStore();
  await store.corrections.create(CORRECTION);
  const clusterOf = () => ({ sources: {} as never, unwanted: {}, mayReadSecrets: true, capture });
  const keep = () => keepRecording('c', { store, clusterOf, now: () => new Date('2026-03-01T12:01:00Z') });
  return { keep, recording: async () => (await store.corrections.read('c')).recording };
}

describe('the recording of a correction', () => {
  it('is made once, however often its task comes', async () => {
    let made = 0;
    const { keep, recording } = await kept(async (namespace, pod) => ({ 'pod.json': `${namespace}/${pod} ${made++}` }));
    await keep();
    await keep();
    const found = await recording();
    if (found.status !== 'kept') throw new Error(found.status);
    expect(JSON.parse(gunzipSync(Buffer.from(found.files, 'base64')).toString())).toEqual({ 'pod.json': 'shop/web-0 0' });
    expect(made).toBe(1);
  });

  it.each([
    ['the pod is gone', async () => Promise.reject(new CodedError('target/not-found', 'There is no pod web-0.')), 'There is no pod web-0.'],
    ['it is too large', async () => ({ 'pod.json': randomBytes(600_000).toString('base64') }), 'larger than 700 kB'],
    ['nothing is kept', undefined, 'Without Redis'],
  ])('says why there is none where %s', async (_, capture, says) => {
    const { keep, recording } = await kept(capture);
    await keep();
    expect(await recording()).toEqual({ status: 'lost', because: expect.stringContaining(says) });
  });

  it('is tried again where the cluster is away', async () => {
    const away = new CodedError('cluster/unavailable', 'busy', { retryable: true });
    const { keep, recording } = await kept(async () => Promise.reject(away));
    await expect(keep()).rejects.toBe(away);
    expect(await recording()).toEqual({ status: 'wanted' });
  });
});
