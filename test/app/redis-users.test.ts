import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisUsersFor } from '../../src/app/redis-users.ts';
import { planIdStart } from '../../src/approval/plan-id.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { KINDS } from '../../src/store/kinds.ts';
import { type OwnRedis, startRedis } from '../support/redis.ts';
import { makeRedisUsers } from '../support/redis-users.ts';
import { runCli } from '../support/run-cli.ts';

const ODD = 'eu *"1"';
const FILE = {
  name: 'test.yaml',
  text: `
clusters: [{ name: prod, executor: {} }, { name: staging, executor: {} }, { name: '${ODD}' }]
remedies: { policy: approvals.yaml }
redis: { prefix: pulls }
`,
};
const usersFor = (given: { roles?: string; clusters?: string; user?: string } = {}) =>
  redisUsersFor({ file: FILE, roles: given.roles, clusters: given.clusters, user: given.user });
const printed = (users: ReturnType<typeof usersFor>) =>
  users.map(({ name, rules }) => `ACL SETUSER ${name} reset on #SHA256-OF-THE-PASSWORD ${rules.join(' ')}`).join('\n');

const [WORK, OUTBOX, EXECUTE] = ['queue:imagepull-cluster-', 'queue:imagepull-outbox', 'queue:imagepull-executor-'];
const PLAN = { prod: `plan:${planIdStart('prod', sha256)}1`, staging: `plan:${planIdStart('staging', sha256)}1` };
const [GATEWAY, WORKER, EXECUTOR, OPERATOR] = ['pulls-gateway', 'pulls-worker-prod', 'pulls-executor-prod', 'pulls-operator'];

/** By user: commands, where `:x` is the key x after the prefix. */
type Table = Readonly<Record<string, readonly string[]>>;

const OF_NOBODY = [
  ...['FLUSHALL', 'FLUSHDB', 'KEYS *', 'SCAN 0', 'CONFIG GET requirepass', 'ACL LIST', 'SCRIPT FLUSH', 'MONITOR'],
  ...['PUBLISH c x', 'SUBSCRIBE c', 'CLIENT LIST', 'SHUTDOWN', 'FUNCTION FLUSH', 'REPLICAOF NO ONE', 'GET other', 'SET other x'],
];

const REFUSED: Table = {
  [GATEWAY]: [
    ...OF_NOBODY,
    ...['prod', 'staging'].flatMap((name) => [
      ...[`RPOPLPUSH :${WORK}${name}:wait :${WORK}${name}:active`, `LREM :${WORK}${name}:wait 0 x`, `DEL :${WORK}${name}:job`],
      ...[
        `RPOPLPUSH :${EXECUTE}${name}:wait :${EXECUTE}${name}:active`,
        `ZPOPMIN :${EXECUTE}${name}:marker`,
        `SET :${EXECUTE}${name}:wait x`,
      ],
      ...[`ZREM :${EXECUTE}${name}:delayed x`, `HDEL :${EXECUTE}${name}:job data`, `DEL :${EXECUTE}${name}:job`],
      ...[`SET :answer:imagepull-executor-${name}:job x`, `SET :answer:imagepull-cluster-${name}:job x`],
    ]),
    ...['DEL :claim:grant.nonce', 'SET :claim:grant.nonce 1', `SET :lease:${PLAN.prod.replace(':', '.')} x`, 'DEL :lease:object.uid'],
    ...['DEL :audit-entry:prod.0', 'PEXPIRE :audit-entry:prod.0 1', 'SET :audit-entry:prod.0 x', 'HDEL :audit-entry:prod.0 json'],
    ...['SET :figures:prod:node x', 'DEL :lease:recovery.prod'],
  ],
  [WORKER]: [
    ...OF_NOBODY,
    ...[`LPUSH :${WORK}staging:wait x`, `LRANGE :${WORK}staging:wait 0 -1`, `HGETALL :${WORK}staging:job`, `DEL :${WORK}staging:job`],
    ...[`LPUSH :${EXECUTE}prod:wait x`, `HGETALL :${EXECUTE}prod:job`, `ZADD :${EXECUTE}prod:marker 0 0`, `DEL :${EXECUTE}prod:job`],
    ...[`RPOPLPUSH :${OUTBOX}:wait :${OUTBOX}:active`, `LREM :${OUTBOX}:wait 0 x`, `ZPOPMIN :${OUTBOX}:marker`, `DEL :${OUTBOX}:job`],
    ...[`SET :${OUTBOX}:wait x`, `HDEL :${OUTBOX}:job data`, `ZREM :${OUTBOX}:delayed x`, `LTRIM :${OUTBOX}:wait 1 0`],
    ...[`HSET :${PLAN.prod} json x`, `HMGET :${PLAN.prod} json`, `DEL :${PLAN.prod}`, 'ZADD :plan.list:open 0 x', 'ZREM :plan.list:open x'],
    ...['HSET :audit-entry:prod.0 json x', 'DEL :audit-entry:prod.0', 'HMGET :audit-disclosure:x json', 'DEL :audit-disclosure:x'],
    ...['HSET :posted:x card x', 'HSET :silence:x json x', 'SET :claim:delivery.x 1', 'SET :claim:window.x 1', 'SET :claim:pace.C0 1'],
    ...['SET :claim:grant.nonce 1', 'DEL :claim:grant.nonce', 'SET :lease:plan.x x', 'SET :lease:object.x x', 'SET :lease:speak.C0 x'],
    ...['SET :answer:imagepull-executor-prod:job x', 'SET :answer:imagepull-cluster-staging:job x'],
    ...['SET :figures:staging:node x', 'SET :lease:recovery.staging x', 'SET :claim:opens.staging/shop.0 1', 'SET :lease:resume x'],
  ],
  [EXECUTOR]: [
    ...OF_NOBODY,
    ...[`LPUSH :${EXECUTE}staging:wait x`, `HGETALL :${EXECUTE}staging:job`, `LPUSH :${WORK}prod:wait x`, `HGETALL :${WORK}prod:job`],
    ...[`RPOPLPUSH :${OUTBOX}:wait :${OUTBOX}:active`, `DEL :${OUTBOX}:job`, `SET :${OUTBOX}:wait x`],
    ...[
      `HSET :${PLAN.staging} json x`,
      `DEL :${PLAN.staging}`,
      'ZADD :plan.list:of.staging 0 x',
      `SET :lease:${PLAN.staging.replace(':', '.')} x`,
    ],
    ...[
      'HSET :audit-entry:staging.0 json x',
      'ZADD :audit-entry.list:chain.staging 0 x',
      'DEL :audit-entry:prod.0',
      'PEXPIRE :audit-entry:prod.0 1',
    ],
    ...['HSET :incident:x json x', 'HSET :request:x json x', 'HSET :delivery:x json x', 'HSET :posted:x card x', 'HSET :silence:x json x'],
    ...['SET :claim:window.x 1', 'SET :answer:imagepull-executor-staging:job x', 'SET :figures:prod:node x', 'SET :lease:resume x'],
  ],
  [OPERATOR]: [
    ...OF_NOBODY,
    ...['HSET :run:x json x', `HSET :${PLAN.prod} json x`, 'HSET :audit-entry:prod.0 json x', 'DEL :audit-entry:prod.0'],
    ...[`LPUSH :${EXECUTE}prod:wait x`, `LPUSH :${OUTBOX}:wait x`, 'SET :heartbeat:x x', 'SET :claim:grant.nonce 1'],
  ],
  'pulls-worker-eu___1_-0d65af': [
    `LPUSH :${WORK}prod:wait x`,
    'SET :figures:prod:node x',
    'SET :figures:eu:node x',
    'SET :lease:recovery.prod x',
  ],
};

const ALLOWED: Table = {
  [GATEWAY]: [
    ...[`LPUSH :${WORK}staging:wait x`, `LPUSH :${EXECUTE}prod:wait x`, `SET :${EXECUTE}prod:de:x 1`, `DEL :${EXECUTE}prod:de:x`],
    ...[
      `HSET :${PLAN.staging} json x`,
      'HSET :audit-entry:prod.0 json x',
      'GET :answer:imagepull-executor-prod:job',
      'HSET :posted:x card x',
    ],
  ],
  [WORKER]: [
    ...[`RPOPLPUSH :${WORK}prod:wait :${WORK}prod:active`, `LPUSH :${OUTBOX}:wait x`, 'HSET :run:x json x', 'SET :figures:prod:node x'],
    ...['SET :lease:recovery.prod x', 'SET :answer:imagepull-cluster-prod:job x', 'SET :claim:opens.prod/shop.0 1'],
  ],
  [EXECUTOR]: [
    ...[
      `RPOPLPUSH :${EXECUTE}prod:wait :${EXECUTE}prod:active`,
      `HSET :${PLAN.prod} json x`,
      'SET :claim:grant.nonce 1',
      'HSET :run:x json x',
    ],
    ...[
      'HSET :audit-entry:prod.7 json x',
      `LPUSH :${OUTBOX}:wait x`,
      'SET :answer:imagepull-executor-prod:job x',
      'HMGET :incident:x json',
    ],
  ],
  [OPERATOR]: [
    'HMGET :run:x json',
    'HMGET :audit-entry:staging.0 json',
    'HSET :audit-disclosure:x json x',
    'ZRANGE :correction.list:all 0 -1',
  ],
};

const rows = (table: Table) => Object.entries(table).flatMap(([user, commands]) => commands.map((command) => [user, command] as const));

describe('the users of Redis that a configuration needs', () => {
  let redis: OwnRedis;
  const clients = new Map<string, Redis>();
  let urlOf: (name: string) => string;
  beforeAll(async () => {
    redis = await startRedis();
    urlOf = await makeRedisUsers(
      redis.url,
      printed([...usersFor(), ...usersFor({ roles: 'worker,executor', clusters: 'prod', user: 'both' })]),
    );
  });
  afterAll(async () => {
    for (const client of clients.values()) client.disconnect();
    await redis.stop();
  });

  /** What Redis says to a user's command. */
  async function says(user: string, command: string): Promise<string> {
    const client = clients.get(user) ?? new Redis(urlOf(user), { enableReadyCheck: false });
    clients.set(user, client);
    const [name = '', ...args] = command.split(' ').map((word) => word.replace(/^:/, 'pulls:v2:'));
    return client.call(name, ...args).then(
      () => 'done',
      (error: unknown) => String(error),
    );
  }

  it.each(rows(REFUSED))('refuse %s: %s', async (user, command) => {
    expect(await says(user, command)).toContain('NOPERM');
  });

  it.each(rows(ALLOWED))('let %s: %s', async (user, command) => {
    expect(await says(user, command)).not.toContain('NOPERM');
  });

  it.each([
    `redis.call("DEL", "pulls:v2:${PLAN.prod}")`,
    'redis.call("LPUSH", "pulls:v2:queue:imagepull-executor-prod:wait", "x")',
    'redis.call("FLUSHALL")',
  ])('refuse a worker the same within a script: %s', async (script) => {
    const client = new Redis(urlOf(WORKER));
    clients.set(`script ${script}`, client);
    await expect(client.eval(`return ${script}`, 0)).rejects.toThrow(/NOPERM|can't (?:run|access)/);
  });

  it('give one process the rights of all that it does', async () => {
    for (const command of [...(ALLOWED[WORKER] ?? []), ...(ALLOWED[EXECUTOR] ?? [])])
      expect(await says('both', command)).not.toContain('NOPERM');
    for (const command of [`LPUSH :${WORK}staging:wait x`, `RPOPLPUSH :${OUTBOX}:wait :${OUTBOX}:active`, 'HSET :posted:x card x'])
      expect(await says('both', command)).toContain('NOPERM');
  });

  it('hold a cluster of any name to its own keys', async () => {
    const [user] = usersFor({ roles: 'worker', clusters: ODD });
    const client = new Redis(urlOf(user?.name ?? ''));
    clients.set('odd', client);
    expect(await client.set(`pulls:v2:figures:${ODD}:node`, 'x')).toBe('OK');
    await expect(client.set('pulls:v2:figures:eu xxxxx:node', 'x')).rejects.toThrow('NOPERM');
  });

  it('cover every kind of record, and every name that is claimed or leased', () => {
    const rules = usersFor({ roles: 'gateway,worker,executor' }).flatMap((user) => user.rules);
    const knows = (begin: string) => rules.some((rule) => rule.includes(`~pulls:v2:${begin}`));
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.startsWith('store/'),
    );
    const taken = files.flatMap((file) => [
      ...readFileSync(join('src', file), 'utf8').matchAll(/\.(claim|hold|exclusively)\(['`]([a-z]+)/g),
    ]);
    const names = taken.map(([, how, name]) => `${how === 'exclusively' ? 'lease' : 'claim'}:${name}`);
    expect(names).toContain('claim:grant');
    expect([...names, ...Object.values(KINDS).map(({ name }) => name)].filter((name) => !knows(name))).toEqual([]);
  });

  it('are those of the roles and clusters that are chosen', () => {
    const names = (given: Parameters<typeof usersFor>[0]) => usersFor(given).map(({ name }) => name);
    expect(names({})).toEqual([
      ...['pulls-gateway', 'pulls-worker-prod', 'pulls-worker-staging', 'pulls-worker-eu___1_-0d65af'],
      ...['pulls-executor-prod', 'pulls-executor-staging', 'pulls-operator'],
    ]);
    expect(names({ roles: 'executor,worker', clusters: 'staging' })).toEqual(['pulls-worker-staging', 'pulls-executor-staging']);
    expect(names({ user: 'all-of-it' })).toEqual(['all-of-it']);
    expect(() => usersFor({ roles: 'reader' })).toThrow(
      '--roles does not know "reader". There are: gateway, worker, executor and operator.',
    );
    expect(() => usersFor({ roles: 'executor', clusters: ODD })).toThrow('no cluster that is chosen has an executor');
    expect(() => usersFor({ user: 'two words' })).toThrow('is not the name of a user');
  });
});

describe('imagepull redis acl', () => {
  it('prints commands, or lines of an ACL file, that Redis takes only with a password put in', async () => {
    const { code, stdout, stderr } = await runCli(['redis', 'acl', '--roles', 'worker']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ACL SETUSER imagepull-worker-default reset on #SHA256-OF-THE-PASSWORD resetchannels -@all \+ping .*\n$/);
    const file = await runCli(['redis', 'acl', '--roles', 'worker', '-o', 'aclfile']);
    expect(file.stdout).toBe(stdout.replace('ACL SETUSER', 'user'));
    const redis = await startRedis();
    const client = new Redis(redis.url);
    const [name = '', ...args] = stdout.trim().split(' ');
    await expect(client.call(name, ...args)).rejects.toThrow(/Error in ACL SETUSER/);
    client.disconnect();
    await redis.stop();
  }, 120_000);
});
