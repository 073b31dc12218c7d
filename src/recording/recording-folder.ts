import { access, constants, mkdir, open, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CodedError, fileProblem } from '../errors.ts';
import { type Recording, type RecordingFiles, readRecording, sharedFolders, writeRecording } from './recording.ts';

const FILES = [
  'recording.json',
  'pod.json',
  'events.json',
  'pods.json',
  'owners.json',
  'controllers.json',
  'serviceaccounts.json',
  'serviceaccount.json',
  'secrets.json',
  'nodes.json',
  'answers.json',
] as const;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * Reads a recording from a folder, with the folders that it shares with other recordings; `pod` chooses one where pod.json is a list of several. Throws `recording/not-found`,
 * `recording/broken`, `recording/too-new`, `recording/several-pods`.
 */
export async function readRecordingFolder(folder: string, pod?: string): Promise<Recording> {
  const files = await readFiles(folder);
  if (files['pod.json'] === undefined)
    throw new CodedError(
      'recording/not-found',
      `${folder} holds no recording: there is no pod.json in it. Make one with imagepull capture NS/POD DIR.`,
    );
  return readRecording(files, pod, await Promise.all(sharedFolders(files).map((shared) => readShared(folder, shared))));
}

async function readShared(folder: string, shared: string): Promise<RecordingFiles> {
  const files = await readFiles(join(folder, shared));
  if (Object.keys(files).length > 0) return files;
  throw new CodedError(
    'recording/broken',
    `${folder} shares the folder ${shared} with other recordings, and nothing of a recording is in it.`,
  );
}

async function readFiles(folder: string): Promise<RecordingFiles> {
  const names = await listFolder(folder);
  const files: Record<string, string> = {};
  for (const name of FILES) if (names.includes(name)) files[name] = await readText(join(folder, name));
  return files;
}

/**
 * Makes sure that a recording can be written there, before anything is asked. Nothing is left behind until it is
 * written. Throws `recording/exists` and `recording/not-writable`.
 */
export async function prepareRecordingFolder(folder: string): Promise<void> {
  const made = await makeFolder(folder);
  try {
    await access(folder, constants.W_OK).catch((cause: unknown) => {
      throw new CodedError('recording/not-writable', `Cannot write to the folder ${folder}: ${fileProblem(cause)}.`, { cause });
    });
    if ((await listFolder(folder)).length > 0)
      throw new CodedError('recording/exists', `${folder} is not empty. Name a new folder, so that nothing is overwritten.`);
  } finally {
    for (const one of made.reverse()) await rmdir(one);
  }
}

/** Writes a recording, redacted, and answers with the names of its files. Throws as `writeRecordingFiles` does. */
export async function writeRecordingFolder(folder: string, recording: Recording): Promise<readonly string[]> {
  const files = writeRecording(recording);
  await writeRecordingFiles(folder, files);
  return Object.keys(files);
}

/**
 * Writes the files of a recording, wherever they come from: a name that is none of a recording's is refused, for it may lead out of the folder. What cannot
 * be written whole leaves nothing behind. Throws `recording/broken`, `recording/not-writable`.
 */
export async function writeRecordingFiles(folder: string, files: RecordingFiles): Promise<void> {
  const strange = Object.keys(files).find((name) => !FILES.some((known) => known === name));
  if (strange !== undefined)
    throw new CodedError('recording/broken', `${JSON.stringify(strange)} is no file of a recording, so nothing is written.`);
  const made = await makeFolder(folder);
  const begun: string[] = [];
  try {
    for (const [name, text] of Object.entries(files)) {
      const file = await open(join(folder, name), 'wx');
      begun.push(name);
      await file.writeFile(text).finally(() => file.close());
    }
  } catch (cause) {
    for (const name of begun) await rm(join(folder, name), { force: true });
    for (const one of made.reverse()) await rmdir(one);
    throw new CodedError('recording/not-writable', `Cannot write the recording to ${folder}: ${fileProblem(cause)}.`, { cause });
  }
}

/**
 * Makes a folder with those above it, and answers with the ones that were not there, the uppermost first. Each is made
 * by itself: Node's recursive mkdir never ends where a file system accepts no folders at all, such as /proc.
 */
async function makeFolder(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let path = resolve(folder); !(await isFolder(path)); path = dirname(path)) missing.unshift(path);
  const made: string[] = [];
  for (const path of missing) {
    await mkdir(path).catch(async (cause: unknown) => {
      for (const one of made.reverse()) await rmdir(one);
      const why = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'no folder can be made there' : fileProblem(cause);
      throw new CodedError('recording/not-writable', `Cannot make the folder ${path}: ${why}.`, { cause });
    });
    made.push(path);
  }
  return made;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return false;
    throw new CodedError('recording/not-writable', `Cannot make the folder ${path}: ${fileProblem(cause)}.`, { cause });
  }
  throw new CodedError('recording/not-writable', `Cannot make the folder ${path}: there is a file of that name.`);
}

async function readText(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new CodedError('recording/broken', `${path} is no regular file, so it is not read.`);
    const { size } = found;
    if (size > MAX_FILE_BYTES)
      throw new CodedError('recording/broken', `${path} is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB; that is no recording.`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('recording/not-found', `Cannot read ${path}: ${fileProblem(cause)}.`, { cause });
  }
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new CodedError('recording/not-found', `Cannot read the recording ${folder}: ${whyNoFolder(cause)}.`, { cause });
  }
}

function whyNoFolder(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'there is no such folder';
  return code === 'ENOTDIR' ? 'it is a file, not a folder' : fileProblem(cause);
}
