import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRYPOINT, HEALTHCHECK, labelsOf, STOP_SIGNAL, USER, writeImageLayout } from '../../packaging/image-layout.ts';
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
  const last = text.slice(text.lastIndexOf('\nFROM '));

  it('starts the program as the layout does, as nobody, and is asked to end alike', () => {
    const [, entrypoint = ''] = /^ENTRYPOINT (.{1,200})$/m.exec(text) ?? [];
    expect(JSON.parse(entrypoint)).toEqual(ENTRYPOINT);
    expect(text).toContain(`\nUSER ${USER}\n`);
    expect(text).toContain(`\nSTOPSIGNAL ${STOP_SIGNAL}\n`);
  });

  it('has its bases as arguments without a value, and copies neither npm nor packages', () => {
    const first = text.slice(0, text.indexOf('\nFROM '));
    expect([...first.matchAll(/^ARG (.{1,100})$/gm)].map(([, name]) => name)).toEqual(['NODE', 'BASE']);
    expect(last).not.toMatch(/npm|node_modules|^RUN/m);
  });

  it('runs nothing on the platform that the image is for, and takes Node.js from there', () => {
    const stages = text.split(/^(?=FROM )/m).slice(1);
    expect(stages.filter((stage) => /^RUN /m.test(stage)).map((stage) => stage.split('\n', 1)[0])).toEqual([
      `FROM --platform=$BUILDPLATFORM $\{NODE} AS build`,
    ]);
    expect(last).toContain('COPY --from=node /usr/local/bin/node');
  });

  it('says of the image what the layout says, and the commit and time of the release', () => {
    const labels = Object.fromEntries(
      [...last.matchAll(/(org\.opencontainers\.image\.[a-z]{1,20})="([^"]{1,200})"/g)].map(([, name, value]) => [name, value]),
    );
    const prefix = 'org.opencontainers.image.';
    expect(labels).toEqual({
      ...labelsOf('.'),
      ...Object.fromEntries(['version', 'revision', 'created'].map((name) => [`${prefix}${name}`, `\${${name.toUpperCase()}}`])),
    });
    expect([...last.matchAll(/^ARG ([A-Z]{1,20})=/gm)].map(([, name]) => name)).toEqual(['VERSION', 'REVISION', 'CREATED']);
  });

  it('asks of its health what the layout asks', () => {
    const [, interval, timeout, start, command = ''] =
      /^HEALTHCHECK --interval=(\d+)s --timeout=(\d+)s --start-period=(\d+)s CMD (.{1,300})$/m.exec(text) ?? [];
    expect(['CMD', ...(JSON.parse(command) as string[])]).toEqual(HEALTHCHECK.Test);
    expect([interval, timeout, start].map((seconds) => Number(seconds) * 1e9)).toEqual([
      HEALTHCHECK.Interval,
      HEALTHCHECK.Timeout,
      HEALTHCHECK.StartPeriod,
    ]);
  });
});

describe('the health check', () => {
  it('ends with 0 where the service is ready, and with 1 where it is not or does not answer', async () => {
    const [, , ...args] = HEALTHCHECK.Test;
    let status = 200;
    const server = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const code = async (): Promise<unknown> => {
      const child = spawn(
        process.execPath,
        args.map((arg) => arg.replace('127.0.0.1:9464', `127.0.0.1:${port}`)),
        { stdio: 'ignore' },
      );
      return (await once(child, 'close'))[0];
    };
    expect(await code()).toBe(0);
    status = 503;
    expect(await code()).toBe(1);
    server.close();
    await once(server, 'close');
    expect(await code()).toBe(1);
  });
});

describe('the layout', () => {
  it('says what it is in its labels, its annotations and its platform', () => {
    const root = join(folder, 'root');
    const to = join(folder, 'layout');
    for (const name of ['bin', 'dist', 'runbooks']) mkdirSync(join(root, name), { recursive: true });
    for (const name of ['package.json', 'LICENSE']) writeFileSync(join(root, name), readFileSync(name));
    const digest = writeImageLayout(root, to);
    const blob = (name: string) => JSON.parse(readFileSync(join(to, 'blobs', name.replace(':', '/')), 'utf8'));
    const manifest = blob(digest);
    const { config } = blob(manifest.config.digest);
    expect(config.Labels).toEqual(labelsOf('.'));
    expect(config).toMatchObject({
      User: USER,
      StopSignal: 'SIGTERM',
      Healthcheck: { Test: ['CMD', ENTRYPOINT[0], '-e', expect.any(String)] },
    });
    expect(manifest.annotations).toEqual(config.Labels);
    const { manifests } = JSON.parse(readFileSync(join(to, 'index.json'), 'utf8'));
    expect(manifests).toMatchObject([{ digest, platform: { os: 'linux', architecture: expect.stringMatching(/^(?:amd64|arm64)$/) } }]);
  });
});
