import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRYPOINT, USER } from '../../packaging/image-layout.ts';
import { tarArchive } from '../../packaging/tar-archive.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imagepull-image-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an archive of a layer', () => {
  it('is read by tar as it was meant, with long paths, folders, links and modes', () => {
    const long = `${'a'.repeat(60)}/${'b'.repeat(60)}/file`;
    const archive = tarArchive([
      { path: 'folder', folder: true, mode: 0o1777 },
      { path: 'folder/run', content: Buffer.from('text'), mode: 0o755 },
      { path: long, content: Buffer.alloc(512, 'x'), mode: 0o644 },
      { path: 'folder/link', link: 'run' },
    ]);
    const file = join(folder, 'layer.tar');
    writeFileSync(file, archive);
    const lines = execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--utc', '--file', file], { encoding: 'utf8' }).trim();
    expect(lines.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
      'drwxrwxrwt 0/0 0 1970-01-01 00:00 folder/',
      '-rwxr-xr-x 0/0 4 1970-01-01 00:00 folder/run',
      `-rw-r--r-- 0/0 512 1970-01-01 00:00 ${long}`,
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00 folder/link -> run',
    ]);
    expect(execFileSync('tar', ['--extract', '--to-stdout', '--file', file, 'folder/run'], { encoding: 'utf8' })).toBe('text');
  });
});

describe('the Dockerfile', () => {
  const text = readFileSync('Dockerfile', 'utf8');

  it('starts the program as the layout does, as nobody', () => {
    const [, entrypoint = ''] = /^ENTRYPOINT (.{1,200})$/m.exec(text) ?? [];
    expect(JSON.parse(entrypoint)).toEqual(ENTRYPOINT);
    expect(text).toContain(`\nUSER ${USER}\n`);
  });

  it('has its bases as arguments without a value, and copies neither npm nor packages', () => {
    expect([...text.matchAll(/^ARG (.{1,100})$/gm)].map(([, name]) => name)).toEqual(['NODE', 'BASE']);
    const last = text.slice(text.lastIndexOf('\nFROM '));
    expect(last).not.toMatch(/npm|node_modules|^RUN/m);
  });
});
