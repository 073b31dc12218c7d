import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../errors.ts';
import { type Recording, type RecordingFiles, readRecording, writeRecording } from './recording.ts';

const FILES = [
  'recording.json',
  'pod.json',
  'events.json',
  'pods.json',
  'owners.json',
  'serviceaccounts.json',
  'serviceaccount.json',
  'secrets.json',
  'nodes.json',
  'answers.json',
] as const;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Reads a recording from a folder. Throws `recording/not-found`, `recording/broken`, `recording/too-new`. */
export async function readRecordingFolder(folder: string): Promise<Recording> {
  const names = await listFolder(folder);
  const files: Record<string, string> = {};
  for (const name of FILES) {
    if (!names.includes(name)) continue;
    const path = join(folder, name);
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES)
      throw new CodedError('recording/broken', `${path} is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB; that is no recording.`);
    files[name] = await readFile(path, 'utf8');
  }
  if (files['pod.json'] === undefined)
    throw new CodedError(
      'recording/not-found',
      `${folder} holds no recording: there is no pod.json in it. Make one with imagepull capture NS/POD DIR.`,
    );
  return readRecording(files);
}

/** Makes sure that a recording can be written there, before anything is asked. Throws `recording/exists`. */
export async function prepareRecordingFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new CodedError('recording/not-writable', `Cannot make the folder ${folder}: ${reason(cause)}.`, { cause });
  });
  if ((await readdir(folder)).length > 0)
    throw new CodedError('recording/exists', `${folder} is not empty. Name a new folder, so that nothing is overwritten.`);
}

/** Writes a recording, redacted, and answers with the names of its files. */
export async function writeRecordingFolder(folder: string, recording: Recording): Promise<readonly string[]> {
  const files: RecordingFiles = writeRecording(recording);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return Object.keys(files);
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new CodedError('recording/not-found', `Cannot read the recording ${folder}: ${reason(cause)}.`, { cause });
  }
}

function reason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such folder';
    case 'ENOTDIR':
      return 'it is a file, not a folder';
    case 'EACCES':
      return 'permission denied';
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}
