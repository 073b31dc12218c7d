import { afterEach, describe, expect, it } from 'vitest';
import type { AuditLog } from '../../src/audit/audit-log.ts';
import { commitmentTo } from '../../src/audit/commitment.ts';
import type { Entry } from '../../src/audit/entry.ts';
import { linkId } from '../../src/audit/kept.ts';
import { createAuditLog } from '../../src/audit/log/audit-log.ts';
import { verifyChain } from '../../src/audit/verify-chain.ts';
import { CodedError } from '../../src/errors.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { walk } from '../../src/store/collection.ts';
import { chainOf, disclosedOf, FIRST, KINDS } from '../../src/store/kinds.ts';
import { RECORD_KEPT_MS } from '../../src/store/record-kind.ts';
import { openRedis } from '../../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis/redis-store.ts';
import type { Store } from '../../src/store/store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { anApproval, auditBenches } from '../support/audit.ts';
import { sharedRedis } from '../support/redis.ts';
import { newKeys } from '../support/signing-keys.ts';

const place = sharedRedis();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const gateway = newKeys();
const executor = newKeys();
const check = {
  cluster: 'prod',
  hash: sha256,
  verify: (text: string, signature: string) => gateway.verify(text, signature) || executor.verify(text, signature),
};

function logOn(store: Pick<Store, 'collection'>, { keys = gateway, log = SILENT, attempts = 1_000 } = {}): AuditLog {
  return createAuditLog({ store, sign: keys.sign, hash: sha256, log, attempts });
}

async function chainIn(store: Store, cluster = 'prod'): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for await (const { entry } of walk(store.collection(KINDS.auditEntries), { index: chainOf(cluster), order: 'oldest', limit: 7 }))
    found.push(entry);
  return found;
}

describe.each(auditBenches(place, closers))('the audit log on %s', (_, bench) => {
  it('makes a chain for each cluster, over processes and clocks that differ', async () => {
    const { open } = bench();
    const [one, other] = [open(), open()];
    const [here, there] = [logOn(one), logOn(other, { keys: executor })];
    const first = await here.write(anApproval({ at: '2026-03-01T10:00:09Z' }));
    await there.write(anApproval({ kind: 'intent', at: '2026-03-01T10:00:01Z' }));
    await here.write(anApproval({ kind: 'outcome', at: '2026-03-01T10:00:05Z' }));
    await here.write(anApproval({ cluster: 'staging' }));
    const chain = await chainIn(other);
    expect(chain.map(({ sequence, event }) => [sequence, event.kind])).toEqual([
      [0, 'decision'],
      [1, 'intent'],
      [2, 'outcome'],
    ]);
    expect(chain[0]).toEqual(first);
    expect(verifyChain(chain, check)).toMatchObject({ head: { sequence: 2 } });
    const begun = await one.collection(KINDS.auditEntries).list({ index: FIRST });
    expect(begun.records.map(({ entry }) => entry.cluster).toSorted()).toEqual(['prod', 'staging']);
  });

  it('loses nothing while several processes write at once', async () => {
    const { open } = bench();
    const logs = [logOn(open()), logOn(open(), { keys: executor }), logOn(open())];
    const planIds = Array.from({ length: 120 }, (__, n) => `plan-${String(n).padStart(4, '0')}`);
    const written = await Promise.all(planIds.map((planId, n) => logs[n % logs.length]?.write(anApproval({ planId }))));
    const chain = await chainIn(open());
    expect(verifyChain(chain, check)).toMatchObject({ head: { sequence: 119 } });
    expect(chain.map(({ event }) => event.planId).toSorted()).toEqual(planIds);
    expect(written.toSorted((a, b) => (a?.sequence ?? 0) - (b?.sequence ?? 0))).toEqual(chain);
  });

  it('keeps who and why beside the chain, found by the person, never in it', async () => {
    const { open } = bench();
    const store = open();
    const written = await logOn(store).write(anApproval());
    const again = await logOn(store).write(anApproval());
    expect(again.event.who).not.toBe(written.event.who);
    expect(JSON.stringify(await chainIn(store))).not.toMatch(/Canary|canary|U0ANN|ann@example/);
    const disclosures = store.collection(KINDS.auditDisclosures);
    const { records } = await disclosures.list({ index: disclosedOf({ organisation: 'T0HOME', user: 'U0ANN' }) });
    expect(records).toHaveLength(4);
    for (const { id, state } of records) expect(state.status === 'kept' && commitmentTo(state.disclosure, sha256)).toBe(id);
    const [who, why] = await disclosures.readMany([written.event.who ?? '', written.event.why ?? '']);
    expect(who).toMatchObject({ state: { disclosure: { says: anApproval().who } } });
    expect(why).toMatchObject({ state: { disclosure: { says: 'the canary sings' } } });
  });

  it('writes down what names nobody, and cuts what is long or no Unicode', async () => {
    const { open } = bench();
    const store = open();
    const log = logOn(store);
    const { event } = await log.write({ cluster: 'prod', kind: 'expiry', at: '2026-03-01T10:00:00Z', what: 'expire', from: 'gateway' });
    expect([event.who, event.why]).toEqual([undefined, undefined]);
    const odd = { person: { organisation: 'T0HOME', user: 'U0ODD' }, name: `\ud800${'x'.repeat(500)}` };
    await log.write(anApproval({ who: odd, why: 'y'.repeat(5_000), result: 'z'.repeat(5_000), what: '\udc00' }));
    expect(verifyChain(await chainIn(store), check)).toMatchObject({ head: { sequence: 1 } });
    await expect(log.write(anApproval({ digest: 'none' }))).rejects.toMatchObject({ code: 'audit/unfit' });
    await expect(log.write(anApproval({ at: 'today' }))).rejects.toMatchObject({ code: 'audit/unfit' });
    expect(await chainIn(store)).toHaveLength(2);
  });

  it('goes on behind what it wrote itself, so that an entry which the store lost is missed', async () => {
    const { open, replace } = bench();
    const store = open();
    const log = logOn(store);
    for (let n = 0; n < 3; n++) await log.write(anApproval());
    await replace('audit-entry', linkId('prod', 2), undefined);
    expect((await log.write(anApproval())).sequence).toBe(3);
    expect(verifyChain(await chainIn(open()), check)).toMatchObject({ sequence: 2, problem: 'missing' });
  });

  it('writes nothing behind an entry that it cannot read, and says so', async () => {
    const { open, replace } = bench();
    await logOn(open()).write(anApproval());
    await logOn(open()).write(anApproval());
    await replace('audit-entry', linkId('prod', 1), { id: linkId('prod', 1), forged: true });
    await expect(logOn(open()).write(anApproval())).rejects.toMatchObject({ code: 'audit/broken' });
  });

  it('gives up where others always come first', async () => {
    const { open } = bench();
    const store = open();
    await logOn(store).write(anApproval());
    const busy: Pick<Store, 'collection'> = {
      collection(kind) {
        const collection = store.collection(kind);
        if (kind.name !== 'audit-entry') return collection;
        return {
          ...collection,
          async create() {
            await logOn(store, { keys: executor }).write(anApproval());
            throw new CodedError('store/exists', 'somebody was first');
          },
        };
      },
    };
    await expect(logOn(busy, { attempts: 5 }).write(anApproval())).rejects.toMatchObject({ code: 'audit/busy', retryable: true });
    expect(verifyChain(await chainIn(store), check)).toMatchObject({ head: { sequence: 5 } });
  });

  it('makes no entry where the name cannot be kept, and no line in the log where the entry cannot', async () => {
    const { open } = bench();
    const store = open();
    const refusing = (name: string): Pick<Store, 'collection'> => ({
      collection(kind) {
        const collection = store.collection(kind);
        if (kind.name !== name) return collection;
        return { ...collection, create: () => Promise.reject(new CodedError('store/unavailable', 'Redis is away')) };
      },
    });
    const lines: string[] = [];
    const log = createLogger({ write: (line) => void lines.push(line) });
    for (const name of ['audit-disclosure', 'audit-entry'])
      await expect(logOn(refusing(name), { log }).write(anApproval())).rejects.toMatchObject({ code: 'store/unavailable' });
    expect([await chainIn(store), lines]).toEqual([[], []]);
  });
});

describe('the line of the audit in the log', () => {
  it('has the head and what happened, and neither a name nor a reason nor who it was', async () => {
    const { open } = auditBenches(place, closers)[0]?.[1]() ?? {};
    if (!open) throw new Error('there is a bench on memory');
    const lines: string[] = [];
    const { hash, sequence } = await logOn(open(), { log: createLogger({ write: (line) => void lines.push(line) }) }).write(anApproval());
    expect(lines).toHaveLength(1);
    const { time, ...line }: Record<string, unknown> = JSON.parse(lines[0] ?? '');
    expect(time).toBeTypeOf('string');
    expect(line).toEqual({
      level: 'info',
      msg: 'audit',
      cluster: 'prod',
      sequence,
      hash,
      kind: 'decision',
      plan: 'plan-0001',
      digest: 'abababab',
      from: 'slack:C0123456789',
      result: '1 of 2 approvals',
    });
    expect(lines.join('')).not.toMatch(/canary|U0ANN|T0HOME|ann@example/i);
  });
});

describe('how long Redis keeps the audit', () => {
  it('has entries and their list for ever, names for 400 days, everything else as before', async () => {
    const redis = openRedis(place.url);
    closers.push(redis.close);
    const prefix = place.prefix();
    const store = createRedisStore({ redis, prefix });
    const { event, sequence } = await logOn(store).write(anApproval());
    const ttl = (key: string) => redis.client.pttl(`${prefix}${key}`);
    expect(await ttl(`audit-entry:${linkId('prod', sequence)}`)).toBe(-1);
    for (const list of ['all', chainOf('prod'), FIRST]) expect(await ttl(`audit-entry.list:${list}`)).toBe(-1);
    const day = 24 * 3_600_000;
    const name = await ttl(`audit-disclosure:${event.who}`);
    expect(name).toBeGreaterThan(399 * day);
    expect(await ttl('audit-disclosure.list:of.T0HOME/U0ANN')).toBeGreaterThan(name);
    await store.silences.create({
      id: 's',
      revision: 0,
      cluster: 'prod',
      namespace: 'shop',
      about: { kind: 'workload', workload: 'Deployment/web' },
      by: 'U0ANN',
      from: '2026-03-01T10:00:00Z',
      until: '2026-03-01T11:00:00Z',
    });
    expect(await ttl('silence:s')).toBeLessThanOrEqual(RECORD_KEPT_MS);
  });
});
