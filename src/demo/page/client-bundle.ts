import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What the browser loads. */
export interface ClientBundle {
  readonly script: string;
  readonly style: string;
}

const LIMIT_MS = 60_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Makes it of the sources, in a process of its own. Throws where they do not compile. */
export async function bundleClient(): Promise<ClientBundle> {
  const bundler = fileURLToPath(new URL('./bundle-client.ts', import.meta.url));
  const [{ stdout: script }, ...styles] = await Promise.all([
    promisify(execFile)(process.execPath, [bundler], { timeout: LIMIT_MS, maxBuffer: MAX_BYTES }),
    readFile(fileURLToPath(import.meta.resolve('slack-blocks-to-jsx/dist/style.css')), 'utf8'),
    readFile(new URL('./client/style.css', import.meta.url), 'utf8'),
  ]);
  return { script, style: styles.join('\n') };
}
