import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkRedis } from '../../src/store/redis/redis-check.ts';
import { openRedis } from '../../src/store/redis/redis-connection.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, program } from '../support/real-parts.ts';
import { find, readObjects } from './rendered.ts';

const PASSWORD = 'a0b1c2d3e4f5';

let folder: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imagepull-valkey-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** The script by which the chart starts Valkey, with its files here. */
async function ofTheChart(): Promise<string> {
  const objects = readObjects(await readFile('test/with-helm/golden/default.yaml', 'utf8'));
  const conf = find(objects, 'ConfigMap', 'imagepull-valkey').data?.['valkey.conf'] ?? '';
  await writeFile(join(folder, 'valkey.conf'), conf.replace('dir /data', `dir ${folder}`));
  const [{ command = [] } = {}] = find(objects, 'StatefulSet', 'imagepull-valkey').spec?.template?.spec.containers ?? [];
  return (command[2] ?? '').replace('/etc/valkey', folder);
}

/** The same of docker-compose.yml. */
async function ofCompose(): Promise<string> {
  const file = parse(await readFile('docker-compose.yml', 'utf8')) as { services: { valkey: { entrypoint: readonly string[] } } };
  await writeFile(join(folder, 'redis-password'), PASSWORD);
  return (file.services.valkey.entrypoint[2] ?? '')
    .replaceAll('$$', '$')
    .replace('/run/secrets', folder)
    .replace('--dir /data', `--dir ${folder}`);
}

describe('the store that comes along', () => {
  it.each([
    ['the chart', ofTheChart],
    ['docker-compose.yml', ofCompose],
  ])('of %s keeps tasks, wants its password, hides it, and ends when it is told to', async (_, script) => {
    const [server, port] = [await program('redis-server', 'redis-server'), await freePort()];
    const started = (await script())
      .replace('exec valkey-server', `exec ${server}`)
      .replace(/^requirepass/m, `port ${port}\nbind 127.0.0.1\nrequirepass`);
    child = spawn('sh', ['-c', started], { env: { PATH: process.env['PATH'] ?? '', VALKEY_PASSWORD: PASSWORD }, stdio: 'ignore' });
    const exited = once(child, 'exit');
    const redis = openRedis(`redis://:${PASSWORD}@127.0.0.1:${port}`);
    await eventually(async () => expect(await checkRedis(redis)).toEqual({ warnings: [] }));
    const stranger = openRedis(`redis://127.0.0.1:${port}`);
    await expect(checkRedis(stranger)).rejects.toMatchObject({ code: 'config/redis' });
    expect(await readFile(`/proc/${child.pid}/cmdline`, 'utf8')).not.toContain(PASSWORD);
    await stranger.close();
    await redis.close();
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});
