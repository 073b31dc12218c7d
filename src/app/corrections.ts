import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { CodedError } from '../errors.ts';
import type { Correction } from '../incident/correction.ts';
import { type RecordingFiles, readRecording } from '../recording/recording.ts';
import { walk } from '../store/collection.ts';
import { ALL } from '../store/record-kind.ts';
import { type StoredOptions, withStore } from './with-store.ts';

/** What people said verdicts should have been, the newest first. Throws `config/…`, `store/unavailable`. */
export function listCorrections(options: StoredOptions): Promise<readonly Correction[]> {
  return withStore(options, 'corrections', async ({ store }) => {
    const found: Correction[] = [];
    for await (const correction of walk(store.corrections, { index: ALL })) found.push(correction);
    return found;
  });
}

const Files = z.record(z.string(), z.string());
/** A recording that unpacks to more is none of ours. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

/** The recording of a correction. Throws `store/not-found`, also where nothing could be kept. */
export async function correctionRecording(id: string, options: StoredOptions): Promise<RecordingFiles> {
  const { recording } = await withStore(options, 'corrections', ({ store }) => store.corrections.read(id));
  if (recording.status !== 'kept') {
    const why = recording.status === 'lost' ? recording.because : 'No worker has made it yet.';
    throw new CodedError('store/not-found', `Nothing was recorded for correction ${id}: ${why}`);
  }
  const packed = Buffer.from(recording.files, 'base64');
  const files = Files.parse(JSON.parse((await promisify(gunzip)(packed, { maxOutputLength: MAX_UNPACKED_BYTES })).toString('utf8')));
  readRecording(files);
  return files;
}
