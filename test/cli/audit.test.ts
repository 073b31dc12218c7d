import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Entry, headOf } from '../../src/audit/entry.ts';
import { linkId } from '../../src/audit/kept.ts';
import { createAuditLog } from '../../src/audit/log/audit-log.ts';
import type { DisclosedEntry } from '../../src/audit/log/read-audit.ts';
import { auditLine, auditTable } from '../../src/cli/audit-table.ts';
import { plain } from '../../src/report/layout.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { openRedis, type RedisConnection } from '../../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis/redis-store.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { printable } from '../../src/text/printable.ts';
import { anApproval } from '../support/audit.ts';
import { type OwnRedis, startRedis } from '../support/redis.ts';
import { runCli } from '../support/run-cli.ts';
import { newKeys } from '../support/signing-keys.ts';

// Each test starts processes, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const HASH = 'cd'.repeat(32);

function entry(sequence: number, event: Partial<Entry['event']>): Entry {
  const { cluster, who: _, why: __, ...said } = anApproval();
  return { version: 1, cluster, sequence, previous: HASH, event: { ...said, ...event }, hash: HASH, signature: 'x' };
}

const ann = { person: { organisation: 'T0HOME', user: 'U0ANN' }, name: 'Ann' };
const shown: readonly DisclosedEntry[] = [
  { entry: entry(7, {}), who: { status: 'known', says: ann }, why: { status: 'known', says: 'Checkout waits for it.' } },
  {
    entry: entry(8, {
      kind: 'grant',
      at: '2026-03-01T10:01:30.250Z',
      what: 'grant set-image shop/web',
      from: 'gateway',
      result: undefined,
    }),
    who: undefined,
    why: undefined,
  },
  {
    entry: entry(9, { kind: 'freeze', what: 'freeze', digest: undefined, planId: undefined, result: undefined }),
    who: { status: 'erased' },
    why: { status: 'gone' },
  },
];

describe('the table of the audit', () => {
  it('has a line for each entry, and the reason below it', () => {
    expect(auditTable(shown, plain, 100)).toBe(
      [
        'TIME                 ENTRY   KIND      WHAT                        WHO          PLAN      FROM               RESULT',
        '2026-03-01 10:00:00  prod.7  decision  approve set-image shop/web  Ann (U0ANN)  abababab  slack:C0123456789  1 of 2 approvals',
        '    why: Checkout waits for it.',
        '2026-03-01 10:01:30  prod.8  grant     grant set-image shop/web                 abababab  gateway',
        '2026-03-01 10:00:00  prod.9  freeze    freeze                      erased                 slack:C0123456789',
        '    why: no longer kept',
        '',
      ].join('\n'),
    );
    expect(auditTable([], plain, 100)).toBe('Nothing was written down.\n');
  });

  it('cannot be made to look otherwise by what people or clusters wrote', () => {
    const harmful = 'Eve\u001b[2J\n2026-03-01 10:00:00  prod.7\u202e';
    const says = { ...ann, name: harmful, clusterUser: harmful };
    const rows = [
      {
        entry: entry(7, { what: harmful, result: harmful }),
        who: { status: 'known', says },
        why: { status: 'known', says: harmful },
      } as const,
    ];
    const table = auditTable(rows, plain, 100);
    expect(table.split('\n')).toHaveLength(4);
    const row = table.split('\n')[1] ?? '';
    expect(row.split(/ {2,}/)).toHaveLength(8);
    expect(table).toBe(printable(table));
    const line = auditLine(rows[0] as DisclosedEntry);
    expect(line).toBe(printable(line));
    expect(JSON.parse(line)).toEqual(rows[0]);
  });
});

describe('imagepull audit', () => {
  const [gateway, executor] = [newKeys(), newKeys()];
  const env: Record<string, string> = {};
  const lines: string[] = [];
  const entries: Entry[] = [];
  let folder = '';
  let server: OwnRedis;
  let redis: RedisConnection;
  const file = (name: string) => join(folder, name);
  const audit = (...args: readonly string[]) => runCli(['audit', ...args, '--config', file('config.yaml')], { env });
  const keys = () => ['--key', file('gateway.pem'), '--key', file('executor.pem')];

  const cutting = (before: string) => ['cut', ...keys(), '--cluster', 'prod', '--before', before, '--signing-key', file('executor.key')];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audit-'));
    server = await startRedis();
    env['REDIS_URL'] = server.url;
    await writeFile(file('config.yaml'), `clusters: [{ name: prod }, { name: staging }]\nredis: { prefix: mine }\n`);
    await writeFile(file('gateway.pem'), gateway.publicPem);
    await writeFile(file('executor.pem'), executor.publicPem);
    await writeFile(file('executor.key'), executor.privatePem);
    await writeFile(file('other.key'), newKeys().privatePem);
    redis = openRedis(server.url);
    const store = createRedisStore({ redis, prefix: 'mine:v2:' });
    const log = createLogger({ write: (line) => void lines.push(line) });
    const [one, other] = [gateway, executor].map(({ sign }) => createAuditLog({ store, sign, hash: sha256, log }));
    const now = new Date().toISOString();
    for (const event of [
      { at: '2026-03-01T10:00:00Z', kind: 'proposal', what: 'propose set-image shop/web', who: undefined, why: undefined } as const,
      { at: now, who: { ...ann, clusterUser: 'ann@example' } },
      { at: now, cluster: 'staging', who: { ...ann, person: { ...ann.person, user: 'U0BOB' }, name: 'Bob' } },
    ])
      entries.push((await one?.write(anApproval(event))) as Entry);
    entries.push((await other?.write(anApproval({ at: now, kind: 'intent', from: 'executor', who: undefined, why: undefined }))) as Entry);
    await writeFile(file('log.jsonl'), `not JSON\n{"msg":"serving"}\npod-1 ${lines.join('pod-2 ')}`);
  });
  afterAll(async () => {
    await redis.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('shows the last week of all clusters, a plan since it began, and one object a line', async () => {
    const { code, stdout, stderr } = await audit();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Ann (U0ANN, ann@example in the cluster)');
    expect(stdout).toContain('Bob (U0BOB)');
    expect(stdout).not.toContain('propose');
    const plan = await audit('--plan', 'plan-0001', '--cluster', 'prod', '-o', 'jsonl');
    const read = plan.stdout
      .trimEnd()
      .split('\n')
      .map((line): DisclosedEntry => JSON.parse(line));
    expect(read.map(({ entry }) => entry)).toEqual(entries.filter(({ cluster }) => cluster === 'prod'));
    expect(read[1]?.who).toEqual({ status: 'known', says: { ...ann, clusterUser: 'ann@example' } });
    expect((await audit('--since', '1d', '--cluster', 'none')).stdout).toBe('Nothing was written down.\n');
  });

  it('verifies every chain with all keys, and with the heads of the log', async () => {
    const [head, staging] = [entries[3], entries[2]].map((found) => headOf(found as Entry));
    expect(await audit('verify', ...keys(), '--head', file('log.jsonl'))).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        '✓ prod: 3 entries, none missing or changed',
        `  head 2:${head?.hash}`,
        '✓ staging: 1 entry, none missing or changed',
        `  head 0:${staging?.hash}`,
        '',
      ].join('\n'),
    });
    const unknown = await audit('verify', ...keys(), '--cluster', 'staging');
    expect(unknown).toMatchObject({ code: 0, stderr: '' });
    expect(unknown.stdout).toContain('! Whether entries were cut off at its end is not known without --head, from the log.');
    const short = await audit('verify', ...keys(), '--cluster', 'prod', '--head', `7:${HASH}`);
    expect(short).toMatchObject({ code: 1, stderr: '', stdout: '✗ prod: Entry 3 is missing: the log tells of entries up to 7.\n' });
    const one = await audit('verify', '--key', file('gateway.pem'), '--cluster', 'prod');
    expect(one.code).toBe(1);
    expect(one.stdout).toBe('✗ prod: Entry 2 was changed: it is not signed by a process that may write it.\n');
  });

  it('refuses what it cannot do, with exit code 2', async () => {
    const refused: readonly (readonly [readonly string[], string])[] = [
      [['verify'], '--key FILE'],
      [['verify', '--key', file('log.jsonl')], 'not an Ed25519 key'],
      [['verify', ...keys(), '--head', `7:${HASH}`], 'Say --cluster too'],
      [['verify', ...keys(), '--head', file('config.yaml')], 'has no line of the audit'],
      [['verify', ...keys(), '--head', file('none')], 'it does not exist'],
      [['verify', ...keys(), '--head', '/dev/zero'], 'it is no file'],
      [['verify', ...keys(), '--since', '7d'], '--since is not for imagepull audit verify'],
      [['--since', 'yesterday'], '12h or 7d'],
      [['cut', ...keys()], '--cluster NAME --before 2026-01-31 --signing-key FILE'],
      [cutting('2026-02-31'), 'Write a day such as 2026-01-31'],
      [cutting(new Date().toISOString().slice(0, 10)), 'What is younger than 30 days is not cut off'],
      [['cut', '--cluster', 'prod', '--before', '2026-04-01', '--signing-key', file('executor.key')], '--key FILE'],
      [[...cutting('2026-04-01'), '--signing-key', file('other.key')], 'is not among --key, so nobody would believe the cut'],
      [['verify', ...keys(), '--signing-key', file('executor.key')], '--signing-key is not for imagepull audit verify'],
      [['erase'], '--person T0123456789/U0123456789'],
      [['erase', '--person', 'U0ANN'], '--person T0123456789/U0123456789'],
    ];
    for (const [args, says] of refused) {
      const { code, stdout, stderr } = await audit(...args);
      expect({ code, stdout }, args.join(' ')).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(says);
    }
    expect(await runCli(['audit'])).toMatchObject({ code: 2, stdout: '' });
  });

  it('cuts off what is old, once told to and with no older release beside it, and the rest is whole', async () => {
    const asked = await audit(...cutting('2026-04-01'));
    expect(asked).toMatchObject({ code: 2, stdout: '' });
    expect(asked.stderr).toContain('1 entry of prod would be cut off, which nothing undoes.');
    expect((await audit(...cutting('2026-02-01'))).stdout).toBe('Nothing of prod is from before 2026-02-01T00:00:00.000Z.\n');
    const store = createRedisStore({ redis, prefix: 'mine:v2:' });
    const old = { id: 'old', roles: ['gateway'], clusters: [], versions: { 'audit-entry': 1 }, taskVersion: 1 };
    await store.heartbeats.write(old);
    expect((await audit(...cutting('2026-04-01'), '--yes')).stderr).toContain('A process of an older release runs on this Redis');
    await store.heartbeats.remove('old');

    const done = await audit(...cutting('2026-04-01'), '--yes', '--head', file('log.jsonl'));
    expect(done).toMatchObject({ code: 0, stderr: '' });
    const [, head] = /^Cut off 1 entry\. The chain of prod begins with entry 1\.\n {2}head (3:[0-9a-f]{64})\n$/.exec(done.stdout) ?? [];
    expect(head).toBeDefined();
    const verified = await audit('verify', ...keys(), '--cluster', 'prod', '--head', file('log.jsonl'), '--head', head ?? '');
    expect(verified).toEqual({
      code: 0,
      stderr: '',
      stdout: `✓ prod: 3 entries, none missing or changed\n  from 1 on: what was before was cut off, as the chain itself tells\n  head ${head}\n`,
    });
    expect((await audit('--cluster', 'prod', '--since', '9999d')).stdout).toMatch(
      / prod\.1 [\s\S]* prod\.3 +cut +entries before 1 are cut off/,
    );
  });

  it('erases what is kept of a person, once told to, and names the first entry that was changed', async () => {
    const asked = await audit('erase', '--person', 'T0HOME/U0ANN');
    expect(asked).toMatchObject({ code: 2, stdout: '' });
    expect(asked.stderr).toContain('2 names and reasons of T0HOME/U0ANN would be erased');
    const done = await audit('erase', '--person', 'T0HOME/U0ANN', '--yes');
    expect(done).toEqual({ code: 0, stderr: '', stdout: 'Erased 2 names and reasons of T0HOME/U0ANN. The chains are as they were.\n' });
    expect((await audit('erase', '--person', 'T0HOME/U0ANN')).stdout).toBe('The audit keeps nothing of T0HOME/U0ANN.\n');
    const { stdout } = await audit();
    expect(stdout).toContain('erased');
    expect(stdout).not.toContain('Ann');
    expect(await audit('verify', ...keys(), '--head', file('log.jsonl'))).toMatchObject({ code: 0 });

    const [key] = await redis.client.keys(`*:audit-entry:${linkId('prod', 1)}`);
    const json = await redis.client.hget(key ?? '', 'json');
    await redis.client.hset(key ?? '', 'json', (json ?? '').replace('1 of 2', '2 of 2'));
    const changed = await audit('verify', ...keys());
    expect(await audit(...cutting('2026-04-01'), '--yes')).toMatchObject({
      code: 1,
      stdout: '✗ prod: Entry 1 was changed: it says something else than what its hash was made of. Nothing was cut off.\n',
    });
    expect(changed.code).toBe(1);
    expect(changed.stdout).toMatch(/^✗ prod: Entry 1 was changed: it says something else than what its hash was made of\.\n✓ staging/);
  });
});
