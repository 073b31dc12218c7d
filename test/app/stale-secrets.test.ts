import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchStaleSecrets } from '../../src/app/service/stale-secrets.ts';
import type { Health } from '../../src/health.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imagepull-secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ILL: Health = { status: 'ill', says: 'Redis refuses the login.' };
const WELL: Health = { status: 'well', says: 'fine' };

describe('a process whose secrets have changed', () => {
  it('is mended by a restart while what they are for cannot be reached, and by nothing else', async () => {
    const file = join(folder, 'redis-url');
    await writeFile(file, 'redis://:canary-old@redis');
    let store = ILL;
    const why = watchStaleSecrets(() => ({ store: { check: async () => store } }), { REDIS_URL_FILE: file });
    expect(await why()).toBeUndefined();
    await writeFile(file, 'redis://:canary-new@redis');
    expect(await why()).toBe('Redis refuses the login. REDIS_URL_FILE says something else than at the start of this process.');
    store = WELL;
    expect(await why()).toBeUndefined();
    store = ILL;
    await rm(file);
    expect(await why()).toBeUndefined();
  });

  it('is not mended where the file of another part has changed', async () => {
    const file = join(folder, 'bot-token');
    await writeFile(file, 'xoxb-1');
    const parts = { store: { check: async () => ILL }, slack: { check: async () => WELL } };
    const why = watchStaleSecrets(() => parts, { SLACK_BOT_TOKEN_FILE: file });
    await writeFile(file, 'xoxb-2');
    expect(await why()).toBeUndefined();
  });
});
