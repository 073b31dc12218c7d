import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeImageLayout } from '../../packaging/image-layout.ts';
import { pushBlob, putManifest } from '../support/push-image.ts';
import { pullableImage } from './tag.ts';

const run = promisify(execFile);

/** Builds the program, pushes its image to the registry of TEST_IMAGE, and answers with its name by digest. */
export async function pushProgramImage(): Promise<string> {
  const [host = ''] = pullableImage().repository.split('/', 1);
  const target = { origin: `http://${host}`, repository: 'imagepull' };
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-layout-'));
  try {
    await run('npm', ['run', 'build', '--silent']);
    const digest = writeImageLayout('.', folder);
    const manifest = await blob(folder, digest);
    const { mediaType, config, layers } = JSON.parse(manifest.toString('utf8')) as Manifest;
    for (const { digest: part } of [config, ...layers]) await pushBlob(target, await blob(folder, part));
    return `${host}/${target.repository}@${await putManifest(target, undefined, mediaType, manifest.toString('utf8'))}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Manifest {
  readonly mediaType: string;
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

function blob(folder: string, digest: string): Promise<Buffer> {
  return readFile(join(folder, 'blobs', digest.replace(':', '/')));
}
