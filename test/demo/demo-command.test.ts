import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readStories } from '../../src/demo/stories/stories.ts';

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PACKAGE = z.object({ scripts: z.object({ demo: z.string() }) }).parse(JSON.parse(readFileSync('package.json', 'utf8')));

interface Given {
  readonly env?: NodeJS.ProcessEnv;
  readonly until?: string;
  /** Called each time that it has written something, with its process. */
  readonly onOutput?: (pid: number) => void;
}

/** Runs the demo as npm does; `until` sends a signal once its output has that. */
function demo(args: readonly string[], given: Given = {}): Promise<Ended> {
  const [, ...flags] = String(PACKAGE.scripts.demo).split(' ');
  const child = spawn(process.execPath, [...flags, ...args], { env: { ...process.env, NO_COLOR: '1', ...given.env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    given.onOutput?.(child.pid ?? 0);
    if (given.until !== undefined && stdout.includes(given.until)) child.kill('SIGINT');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('imagepull-demo-'));

describe('npm run demo', () => {
  it('plays a story in the terminal, asks no proxy, and ends well', async () => {
    const proxy = 'http://127.0.0.1:9';
    const { exitCode, stdout, stderr } = await demo(['--story', 'tag-typo', '--once'], { env: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /ann writes \/imagepull diagnose[\s\S]*\[ Set image … \][\s\S]*has 0[\s\S]*bob presses “Review …”[\s\S]*has 1[\s\S]*✓ @bob approved plan/,
    );
    expect(stdout).toMatch(/┃ Fixed: \d of \d pods[\s\S]*✓ It went as told, in \d+ s/);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(110);
    // A card that has not changed is not printed again.
    const cards = stdout.split('\n').filter((line) => /┃ (?:Fixed: |Set image of .* has [01])/.test(line));
    expect(new Set(cards).size).toBe(cards.length);
  });

  it('lists its stories, a line each', async () => {
    const { exitCode, stdout } = await demo(['--list']);
    expect(exitCode).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/\s{2,}/)),
    ).toEqual(readStories().map(({ id, title }) => [id, title]));
  });

  it.each([
    [['--once'], 'demo: Say which story: npm run demo -- --story tag-typo --once. npm run demo -- --list lists them.\n'],
    [['--story', 'tag-tyop', '--once'], 'demo: There is no story tag-tyop. Did you mean tag-typo? npm run demo -- --list lists them.\n'],
    [['--story', 'tag-tyop'], 'demo: There is no story tag-tyop. Did you mean tag-typo? npm run demo -- --list lists them.\n'],
    [
      ['--story', 'tag-typo', '--once', '--port', '1'],
      'demo: --port and --host are for the page, and --once plays in the terminal: leave the one or the other out.\n',
    ],
    [
      ['--port', '70000'],
      "demo: option '--port <number>' argument '70000' is invalid. A port is a number up to 65535, and 0 stands for any that is free. See npm run demo -- --help.\n",
    ],
    [['--cluster', 'prod', '--once'], 'demo: --cluster takes the place of a story: leave --story and --once out.\n'],
    [['--allow-changes'], 'demo: --allow-changes is for --cluster: stories change nothing of yours.\n'],
    [['--stroy', 'tag-typo'], "demo: unknown option '--stroy'. Did you mean --story? See npm run demo -- --help.\n"],
  ])('says what is wrong with %j', async (args, says) => {
    expect(await demo(args)).toEqual({ exitCode: 2, stdout: '', stderr: says });
  });

  it.runIf(process.platform === 'linux')('plays the storm within 300 MB', async () => {
    let peakKb = 0;
    const { exitCode, stdout } = await demo(['--story', 'storm', '--once'], {
      onOutput(pid) {
        // The most that it has had so far. What it wrote last may be read when it is gone.
        const file = `/proc/${pid}/status`;
        const [, kb = '0'] = (existsSync(file) && /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))) || [];
        peakKb = Math.max(peakKb, Number(kb));
      },
    });
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('500 pods of 25 workloads on 20 nodes')]);
    expect(peakKb).toBeGreaterThan(50_000);
    expect(peakKb).toBeLessThan(300_000);
  });

  it('serves the page until it is interrupted, and takes everything away then', async () => {
    const before = folders();
    const { exitCode, stdout, stderr } = await demo(['--port', '0'], { until: 'Ctrl-C ends it.' });
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/\n\nThe demo is there for this machine alone\. Ctrl-C ends it\.\n$/);
    expect([exitCode, stderr]).toEqual([130, '']);
    expect(folders().filter((name) => !before.includes(name))).toEqual([]);
  });

  it('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const says = `demo: Port ${port} is taken. Give another one with --port, or --port 0 for any that is free.\n`;
    expect(await demo(['--port', String(port)])).toEqual({ exitCode: 2, stdout: '', stderr: says });
    other.close();
  });

  it('takes everything away where it is interrupted', async () => {
    const before = folders();
    const { exitCode, stderr } = await demo(['--story', 'registry-outage', '--once'], { until: 'Nobody does anything' });
    expect([exitCode, stderr]).toEqual([130, '']);
    expect(folders().filter((name) => !before.includes(name))).toEqual([]);
  });
});
