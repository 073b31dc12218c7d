import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openBrowser } from '../../src/demo/player/open-browser.ts';
import { eventually } from '../support/eventually.ts';

describe.runIf(process.platform === 'linux')('a browser', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'open-browser-'));
    vi.stubEnv('PATH', folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  /** An xdg-open that writes down what it is given. */
  async function opener(exitCode: number): Promise<void> {
    const path = join(folder, 'xdg-open');
    await writeFile(path, `#!/bin/sh\nprintf %s "$1" > ${folder}/opened\nexit ${exitCode}\n`);
    await chmod(path, 0o755);
  }

  it('is opened at the address, in silence', async () => {
    await opener(0);
    const failures: string[] = [];
    openBrowser('http://127.0.0.1:1/key/', (because) => failures.push(because));
    await eventually(async () => expect(await readFile(join(folder, 'opened'), 'utf8')).toBe('http://127.0.0.1:1/key/'));
    expect(failures).toEqual([]);
  });

  it('that cannot be opened is told of', async () => {
    const failures: string[] = [];
    openBrowser('http://127.0.0.1:1/', (because) => failures.push(because));
    await eventually(() => expect(failures).toEqual(['xdg-open is not there']));
    await opener(3);
    openBrowser('http://127.0.0.1:1/', (because) => failures.push(because));
    await eventually(() => expect(failures).toEqual(['xdg-open is not there', 'xdg-open ended with 3']));
  });
});
