import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { CodedError } from '../errors.ts';
import type { Correction } from '../incident/correction.ts';
import { type RecordingFiles, readRecording } from '../recording/recording.ts';
import { walk } from '../store/collection.ts';
import { ALL } from '../store/record-kind.ts';
import { SILENT } from '../telemetry/log.ts';
import { type ConfigFile, readConfig, redisUrlOf } from './config.ts';
import { type Backend, openBackend } from './service/backend.ts';

/** What corrections are read with. */
export interface CorrectionsOptions {
  readonly file: ConfigFile | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What people said verdicts should have been, the newest first. Throws `config/…`, `store/unavailable`. */
export function listCorrections(options: CorrectionsOptions): Promise<readonly Correction[]> {
  return withStore(options, async ({ store }) => {
    const found: Correction[] = [];
    for await (const correction of walk(store.corrections, { index: ALL })) found.push(correction);
    return found;
  });
}

const Files = z.record(z.string(), z.string());
/** A recording that unpacks to more is none of ours. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

/** The recording of a correction. Throws `store/not-found`, also where nothing could be kept. */
export async function correctionRecording(id: string, options: CorrectionsOptions): Promise<RecordingFiles> {
  const { recording } = await withStore(options, ({ store }) => store.corrections.read(id));
  if (recording.status !== 'kept') {
    const why = recording.status === 'lost' ? recording.because : 'No worker has made it yet.';
    throw new CodedError('store/not-found', `Nothing was recorded for correction ${id}: ${why}`);
  }
  const packed = Buffer.from(recording.files, 'base64');
  const files = Files.parse(JSON.parse((await promisify(gunzip)(packed, { maxOutputLength: MAX_UNPACKED_BYTES })).toString('utf8')));
  readRecording(files);
  return files;
}

async function withStore<T>({ file, environment }: CorrectionsOptions, work: (backend: Backend) => Promise<T>): Promise<T> {
  if (redisUrlOf(environment['REDIS_URL']) === undefined)
    throw new CodedError(
      'config/redis',
      'REDIS_URL is not set. It is the address of the Redis that the service uses, which keeps corrections.',
    );
  const config = readConfig({ file, environment, roles: 'worker', clusters: undefined });
  const backend = await openBackend(config, SILENT);
  try {
    return await work(backend);
  } finally {
    await backend.close();
  }
}
