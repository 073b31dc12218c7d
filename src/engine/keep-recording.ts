import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { asCodedError } from '../errors.ts';
import type { Correction } from '../incident/correction.ts';
import type { Store } from '../store/store.ts';
import type { ClusterParts } from './cluster-parts.ts';

/** What a record holds besides is small; Redis takes 1 MiB. */
const MAX_CHARACTERS = 700_000;

/**
 * Diagnoses the pod of a correction anew and keeps what was answered, redacted, so that the wrong verdict can be replayed. What the pod says
 * now may differ from what it said then. Throws what another delivery may mend.
 */
export async function keepRecording(
  correctionId: string,
  { store, clusterOf, now }: { readonly store: Store; readonly clusterOf: (name: string) => ClusterParts; readonly now: () => Date },
): Promise<void> {
  const correction = await store.corrections.read(correctionId);
  if (correction.recording.status !== 'wanted') return;
  const recording = await recordingOf(correction, clusterOf(correction.cluster), now);
  await store.corrections.update(correctionId, (known) => (known.recording.status === 'wanted' ? { ...known, recording } : known));
}

async function recordingOf({ namespace, pod }: Correction, { capture }: ClusterParts, now: () => Date): Promise<Correction['recording']> {
  if (!capture) return { status: 'lost', because: 'Without Redis nothing is kept beyond this process.' };
  try {
    const files = (await promisify(gzip)(JSON.stringify(await capture(namespace, pod)))).toString('base64');
    if (files.length > MAX_CHARACTERS) return { status: 'lost', because: `It would be larger than ${MAX_CHARACTERS / 1_000} kB.` };
    return { status: 'kept', at: now().toISOString(), files };
  } catch (cause) {
    const { retryable, message } = asCodedError(cause);
    if (retryable) throw cause;
    return { status: 'lost', because: message };
  }
}
