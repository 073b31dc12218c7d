import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { beginningAfter, type Entry, headOf } from '../../src/audit/entry.ts';
import { linkId, linkOf } from '../../src/audit/kept.ts';
import { createAuditLog } from '../../src/audit/log/audit-log.ts';
import { cutBefore, removeBefore, writeCut } from '../../src/audit/log/cut.ts';
import { auditedClusters } from '../../src/audit/log/read-audit.ts';
import { verifyKept } from '../../src/audit/log/read-chain.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { KINDS } from '../../src/store/kinds.ts';
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
const now = new Date('2026-06-01T00:00:00Z');
const day = (number: number) => new Date(Date.UTC(2026, 0, number));
const logOn = (store: Store, key = sign) => createAuditLog({ store, sign: key, hash: sha256, log: SILENT });

/** A chain with an entry for each of the first days of the year. */
async function written(store: Store, days: number): Promise<readonly Entry[]> {
  const log = logOn(store);
  const entries: Entry[] = [];
  for (let n = 1; n <= days; n++) entries.push(await log.write(anApproval({ at: day(n).toISOString(), planId: `plan-${n}` })));
  return entries;
}

function verified(store: Pick<Store, 'collection'>, heads: readonly Entry[] = []) {
  return verifyKept(store, { cluster: 'prod', hash: sha256, verify, heads: heads.map(headOf) });
}

/** Cuts off what is older than a day of January; answers with the entry that says so. */
async function cut(store: Store, before: number, from = 0, key = sign): Promise<Entry> {
  const beginning = await cutBefore(store, { cluster: 'prod', from, time: day(before) });
  if (!beginning) throw new Error('nothing to cut off');
  const entry = await writeCut(logOn(store, key), { cluster: 'prod', beginning, now });
  await removeBefore(store, { cluster: 'prod', sequence: beginning.sequence });
  return entry;
}

describe.each(auditBenches(place, closers))('a chain that is cut, in %s', (_, bench) => {
  const open = (): { readonly at: AuditBench; readonly store: Store } => {
    const at = bench();
    return { at, store: at.open() };
  };

  it('is whole from its new beginning on, and goes on; what was before is gone with its names', async () => {
    const { at, store } = open();
    const entries = await written(store, 10);
    const said = await cut(store, 5);
    expect(said.event).toMatchObject({ kind: 'cut', keptFrom: 4, digest: entries[3]?.hash, what: 'entries before 4 are cut off' });
    const more = await logOn(store).write(anApproval());
    const fresh = at.open();
    expect(await verified(fresh, [...entries, said, more])).toEqual({ head: headOf(more), beginning: beginningAfter(said) });
    expect(await fresh.collection(KINDS.auditEntries).count(`chain.prod`)).toBe(8);
    for (const [index, { event }] of entries.entries())
      expect([index, (await at.stored('audit-disclosure', event.who ?? '')) === undefined]).toEqual([index, index < 4]);
    expect(await auditedClusters(fresh)).toEqual(['prod']);
  });

  it('may be cut again, and what somebody left behind in between goes then', async () => {
    const { at, store } = open();
    const entries = await written(store, 10);
    const first = await cutBefore(store, { cluster: 'prod', from: 0, time: day(4) });
    if (!first) throw new Error('nothing to cut off');
    await writeCut(logOn(store), { cluster: 'prod', beginning: first, now });
    // Whoever cut died after the first entry was gone.
    await at.replace('audit-entry', linkId('prod', 0), undefined);
    expect(await verified(at.open(), entries)).toMatchObject({ beginning: first });
    const second = await cut(at.open(), 8, first.sequence);
    expect(await verified(at.open(), entries)).toMatchObject({ beginning: { sequence: 7 }, head: headOf(second) });
    for (let n = 0; n < 7; n++) expect(await at.stored('audit-entry', linkId('prod', n))).toBeUndefined();
  });

  it('is not whole where more is gone than the cut says, or what says so is gone', async () => {
    const { at, store } = open();
    const entries = await written(store, 10);
    const said = await cut(store, 5);
    const [fifth, cutEntry] = [linkId('prod', 4), linkId('prod', said.sequence)];
    const kept = await at.stored('audit-entry', fifth);
    await at.replace('audit-entry', fifth, undefined);
    expect(await verified(at.open())).toMatchObject({ sequence: 4, problem: 'missing' });
    await at.replace('audit-entry', fifth, kept);
    await at.replace('audit-entry', cutEntry, undefined);
    expect(await verified(at.open(), [...entries, said])).toMatchObject({ problem: 'missing' });
  });

  it('is not believed by the word of somebody whose signature does not count', async () => {
    const { at, store } = open();
    await written(store, 6);
    const forged = await cut(store, 4, 0, newKeys().sign);
    expect(await verified(at.open())).toMatchObject({ sequence: forged.sequence, problem: 'changed' });
  });

  it('shows by a head from the log that the last entry before the cut was another one', async () => {
    const { at, store } = open();
    const entries = await written(store, 6);
    await cut(store, 4);
    const [, , third] = entries;
    if (!third) throw new Error('there are six');
    expect(await verified(at.open(), [third])).toMatchObject({ beginning: { sequence: 3 } });
    expect(await verified(at.open(), [{ ...third, hash: 'ef'.repeat(32) }])).toMatchObject({ sequence: 2, problem: 'changed' });
  });

  it('names every change of what is left', async () => {
    const { at, store } = open();
    const entries = await written(store, 6);
    const said = await cut(store, 4);
    const left = [...entries.slice(3), said];
    await fc.assert(
      fc.asyncProperty(fc.nat(left.length - 1), fc.constantFrom('what', 'from', 'at'), async (index, field) => {
        const entry = left[index];
        if (!entry) throw new Error('there is one');
        const id = linkId('prod', entry.sequence);
        const changed = { ...entry, event: { ...entry.event, [field]: field === 'at' ? '2020-01-01T00:00:00Z' : 'other' } };
        await at.replace('audit-entry', id, linkOf(changed));
        expect(await verified(at.open())).toMatchObject({ sequence: entry.sequence, problem: 'changed' });
        await at.replace('audit-entry', id, linkOf(entry));
      }),
      { numRuns: 12 },
    );
    expect(await verified(at.open())).toMatchObject({ head: headOf(said) });
  });

  it('keeps its last entry, whatever its age, and everything where nothing is that old', async () => {
    const { store } = open();
    await written(store, 3);
    expect(await cutBefore(store, { cluster: 'prod', from: 0, time: day(1) })).toBeUndefined();
    expect(await cutBefore(store, { cluster: 'prod', from: 0, time: day(30) })).toMatchObject({ sequence: 2 });
    expect(await cutBefore(store, { cluster: 'other', from: 0, time: day(30) })).toBeUndefined();
  });
});
