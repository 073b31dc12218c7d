import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type Entry, type Head, headOf } from '../../src/audit/entry.ts';
import { linkId } from '../../src/audit/kept.ts';
import { createAuditLog } from '../../src/audit/log/audit-log.ts';
import { countDisclosures, eraseDisclosures } from '../../src/audit/log/erase.ts';
import { auditedClusters, type DisclosedEntry, readAudit } from '../../src/audit/log/read-audit.ts';
import { verifyKept } from '../../src/audit/log/read-chain.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import type { Store } from '../../src/store/store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { type AuditBench, anApproval, auditBenches } from '../support/audit.ts';
import { sharedRedis } from '../support/redis.ts';
import { newKeys } from '../support/signing-keys.ts';

const place = sharedRedis();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const { sign, verify } = newKeys();
const ann = { organisation: 'T0HOME', user: 'U0ANN' };
const bob = { organisation: 'T0HOME', user: 'U0BOB' };

function logOn(store: Store) {
  return createAuditLog({ store, sign, hash: sha256, log: SILENT });
}

async function written(store: Store, count: number, cluster = 'prod'): Promise<readonly Entry[]> {
  const log = logOn(store);
  const entries: Entry[] = [];
  for (let n = 0; n < count; n++) entries.push(await log.write(anApproval({ cluster, planId: `plan-${n}` })));
  return entries;
}

function verified(store: Pick<Store, 'collection'>, heads: readonly Head[] = [], cluster = 'prod') {
  return verifyKept(store, { cluster, hash: sha256, verify, heads });
}

async function readAll(store: Store, query: { readonly since?: Date; readonly planId?: string } = {}): Promise<readonly DisclosedEntry[]> {
  const found: DisclosedEntry[] = [];
  for await (const entry of readAudit(store, { cluster: 'prod', ...query }, sha256)) found.push(entry);
  return found;
}

/** Every place in a record that holds a text or number. */
function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]))
    : [path];
}

function withChanged(record: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value === record ? 'other' : value;
  const inner = record as Readonly<Record<string, unknown>>;
  return { ...inner, [key]: withChanged(inner[key], rest, value) };
}

describe.each(auditBenches(place, closers))('the chain that is kept on %s', (_, bench) => {
  it('is whole as it was written, page by page, with heads of the log and without', async () => {
    const { open } = bench();
    const entries = await written(open(), 205);
    const heads = [entries[7], entries[204]].map((entry) => headOf(entry as Entry));
    const whole = { head: headOf(entries[204] as Entry) };
    expect(await verified(open(), heads)).toEqual(whole);
    expect(await verified(open())).toEqual(whole);
    expect(await verified(open(), [], 'staging')).toEqual({ head: undefined });
  });

  it('is whole however often it is read while others write', async () => {
    const { open } = bench();
    const [writing, reading] = [open(), open()];
    let done = false;
    const all = written(writing, 150).finally(() => {
      done = true;
    });
    while (!done) expect(await verified(reading)).not.toHaveProperty('problem');
    expect(await verified(reading, [headOf((await all)[149] as Entry)])).toHaveProperty('head.sequence', 149);
  });

  it('is whole where entries come just between the look for the next one and the look behind it', async () => {
    const { open } = bench();
    const store = open();
    await written(store, 3);
    let more = 2;
    const meanwhile: Pick<Store, 'collection'> = {
      collection(kind) {
        const collection = store.collection(kind);
        return {
          ...collection,
          async list(query) {
            if (more-- > 0) await written(store, 2);
            return collection.list(query);
          },
        };
      },
    };
    expect(await verified(meanwhile)).toMatchObject({ head: { sequence: 6 } });
  });

  it('shows any change of any record by the first entry that is not as it was', async () => {
    const { open, stored, replace } = bench();
    const entries = await written(open(), 9);
    const head = headOf(entries[8] as Entry);
    const records = await Promise.all(entries.map(({ sequence }) => stored('audit-entry', linkId('prod', sequence))));
    const put = (at: number, record: unknown) => replace('audit-entry', linkId('prod', at), record);
    const at = fc.nat({ max: 8 });
    const damage = fc.oneof(
      fc
        .record({ at, leaf: fc.nat(), value: fc.oneof(fc.string(), fc.nat(), fc.constantFrom(null, true, {})) })
        // The revision is the store's own: no entry is ever written a second time.
        .map(({ at: place, leaf, value }) => {
          const paths = leaves(records[place]).filter(([key]) => key !== 'revision');
          return [{ at: place, record: withChanged(records[place], paths[leaf % paths.length] ?? [], value) }];
        }),
      at.map((place) => [{ at: place, record: undefined }]),
      at.map((place) => [{ at: place, record: 'no record' }]),
      fc.tuple(at, at).map(([a, b]) => [
        { at: a, record: undefined },
        { at: b, record: undefined },
      ]),
      at.map((from) => entries.slice(from).map(({ sequence }) => ({ at: sequence, record: undefined }))),
      // One entry in the place of another, with an id that fits.
      fc
        .tuple(at, at)
        .filter(([a, b]) => a !== b)
        .map(([a, b]) => [{ at: a, record: { ...(records[b] as object), id: linkId('prod', a) } }]),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        for (const change of changes) await put(change.at, change.record);
        // Another process, which remembers nothing of what was there.
        expect(await verified(open(), [head])).toMatchObject({
          sequence: Math.min(...changes.map((change) => change.at)),
        });
        for (const change of changes) await put(change.at, records[change.at]);
      }),
      { numRuns: 150 },
    );
    expect(await verified(open(), [head])).toEqual({ head });
  });

  it('has a cut tail only the log knows of', async () => {
    const { open, replace } = bench();
    const entries = await written(open(), 4);
    await replace('audit-entry', linkId('prod', 3), undefined);
    expect(await verified(open())).toMatchObject({ head: { sequence: 2 } });
    expect(await verified(open(), [headOf(entries[3] as Entry)])).toMatchObject({ sequence: 3, problem: 'missing' });
  });

  it('counts only signatures of those who may write', async () => {
    const { open } = bench();
    await written(open(), 3);
    const stranger = newKeys();
    const outcome = await verifyKept(open(), { cluster: 'prod', hash: sha256, verify: stranger.verify });
    expect(outcome).toMatchObject({ sequence: 0, problem: 'changed' });
  });
});

describe.each(auditBenches(place, closers))('who and why on %s', (_, bench) => {
  it('stand beside their entries, the newest first, of a time or of a plan', async () => {
    const { open } = bench();
    const store = open();
    const log = logOn(store);
    for (let n = 0; n < 120; n++)
      await log.write(anApproval({ at: `2026-03-01T${String(n % 10).padStart(2, '0')}:00:00Z`, planId: `p${n}` }));
    await log.write(anApproval({ at: '2026-03-09T10:00:00Z', planId: 'late', who: undefined, why: undefined }));
    const all = await readAll(open());
    expect(all.map(({ entry }) => entry.sequence)).toEqual(Array.from({ length: 121 }, (__, n) => 120 - n));
    expect(all[0]).toMatchObject({ who: undefined, why: undefined });
    expect(all[1]).toMatchObject({
      who: { status: 'known', says: { person: ann, name: 'Ann Canary' } },
      why: { status: 'known', says: 'the canary sings' },
    });
    expect((await readAll(store, { since: new Date('2026-03-01T09:00:00Z') })).length).toBe(13);
    expect((await readAll(store, { since: new Date('2026-03-05T00:00:00Z') })).map(({ entry }) => entry.event.planId)).toEqual(['late']);
    expect((await readAll(store, { planId: 'p7' })).map(({ entry }) => entry.sequence)).toEqual([7]);
    await written(store, 1, 'staging');
    expect(await auditedClusters(store)).toEqual(['prod', 'staging']);
  });

  it('are erased by the person, in every cluster, and the chains stay whole', async () => {
    const { open, stored } = bench();
    const store = open();
    const log = logOn(store);
    const entries = [await log.write(anApproval()), await log.write(anApproval({ who: { person: bob, name: 'Bob' }, why: 'because' }))];
    await written(store, 2, 'staging');
    expect(await countDisclosures(store, ann)).toBe(6);
    expect(await eraseDisclosures(open(), ann, new Date('2026-03-02T00:00:00Z'))).toBe(6);
    expect(await eraseDisclosures(open(), ann, new Date('2026-03-03T00:00:00Z'))).toBe(0);
    const [second, first] = await readAll(open());
    expect(first).toMatchObject({ who: { status: 'erased' }, why: { status: 'erased' } });
    expect(second).toMatchObject({ who: { says: { name: 'Bob' } }, why: { says: 'because' } });
    expect(await verified(open(), [headOf(entries[1] as Entry)])).toEqual({ head: headOf(entries[1] as Entry) });
    expect(await verified(open(), [], 'staging')).toHaveProperty('head.sequence', 1);
    const left = JSON.stringify(await stored('audit-disclosure', entries[0]?.event.who ?? ''));
    expect(left).not.toMatch(/Ann|U0ANN|salt|canary/);
  });

  it('are shown as gone where nothing is kept, and as changed where something else is', async () => {
    const { open, stored, replace }: AuditBench = bench();
    const store = open();
    await written(store, 2);
    const [{ entry }, other] = (await readAll(store)) as [DisclosedEntry, DisclosedEntry];
    const { who = '', why = '' } = entry.event;
    const record = await stored('audit-disclosure', who);
    await replace('audit-disclosure', who, withChanged(record, ['state', 'disclosure', 'says', 'name'], 'Mallory'));
    await replace('audit-disclosure', why, undefined);
    expect((await readAll(open()))[0]).toMatchObject({ who: { status: 'changed' }, why: { status: 'gone' } });
    // A true disclosure, of another entry.
    const foreign = await stored('audit-disclosure', other.entry.event.who ?? '');
    await replace('audit-disclosure', who, { ...(foreign as object), id: who });
    expect((await readAll(open()))[0]?.who).toEqual({ status: 'changed' });
    expect(await verified(open())).toHaveProperty('head.sequence', 1);
  });
});
