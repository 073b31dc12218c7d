import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CodedError } from '../../src/errors.ts';
import { walk } from '../../src/store/collection.ts';
import { MemoryContent, MemoryStore } from '../../src/store/memory-store.ts';
import { ALL, type RecordKind } from '../../src/store/record-kind.ts';
import { openRedis } from '../../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis/redis-store.ts';
import type { Store } from '../../src/store/store.ts';
import { sharedRedis } from '../support/redis.ts';

const place = sharedRedis();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A note as the present version writes it, and as the next one does: a copy with a list in the place of the text. */
interface Note {
  readonly id: string;
  readonly revision: number;
  readonly at: string;
  readonly text: string;
}
interface NextNote extends Omit<Note, 'text'> {
  readonly lines: readonly string[];
}

const fields = { id: z.string(), revision: z.int(), at: z.string() };
const lists = { since: ({ at }: { readonly at: string }) => at, indexes: () => ['notes'], keys: () => [], keeps: [] };
const NOTES: RecordKind<Note> = { name: 'note', version: 1, schema: z.strictObject({ ...fields, text: z.string() }), steps: [], ...lists };
const NEXT_NOTES: RecordKind<NextNote> = {
  name: 'note',
  version: 2,
  schema: z.strictObject({ ...fields, lines: z.array(z.string()) }),
  steps: [
    {
      upgrade: (record) => {
        const { text, ...rest } = NOTES.schema.parse(record);
        return { ...rest, lines: text.split('\n') };
      },
      downgrade: (record) => {
        const { lines, ...rest } = NEXT_NOTES.schema.parse(record);
        return { ...rest, text: lines.join('\n') };
      },
    },
  ],
  ...lists,
};

const note = (id: string, text = 'x'): Note => ({ id, revision: 0, at: `2026-03-01T10:00:0${id}Z`, text });

/** A store, and what it told of records that it cannot read. */
interface Opened {
  readonly store: Store;
  readonly told: CodedError[];
}

/** Opens any number of stores on the same things, and damages what they keep. */
interface Bench {
  open(): Opened;
  damage(id: string): Promise<void>;
}

const BENCHES: readonly (readonly [string, () => Bench])[] = [
  [
    'memory',
    () => {
      const content = new MemoryContent();
      return {
        open() {
          const told: CodedError[] = [];
          return { store: new MemoryStore({ content, onUnreadable: (error) => told.push(error) }), told };
        },
        async damage(id) {
          const records = content.collections.get('note')?.records;
          const known = records?.get(id);
          if (known) records?.set(id, { id, version: known.version, lists: known.lists, keys: known.keys, value: { id } });
        },
      };
    },
  ],
  [
    'Redis',
    () => {
      const prefix = place.prefix();
      return {
        open() {
          const told: CodedError[] = [];
          const redis = openRedis(place.url);
          closers.push(redis.close);
          return { store: createRedisStore({ redis, prefix, onUnreadable: (error) => told.push(error) }), told };
        },
        async damage(id) {
          const raw = new Redis(place.url);
          await raw.hset(`${prefix}note:${id}`, 'json', '{"id":');
          raw.disconnect();
        },
      };
    },
  ],
];

const PATIENT = { timeout: 15_000 };
const beat = (id: string, version: number) => ({ id, roles: [], clusters: [], versions: { note: version }, taskVersion: 1 });

describe.each(BENCHES)('a collection in %s', (_, bench) => {
  it('takes a record away once, out of its lists and with its keys, for everybody', async () => {
    const { open } = bench();
    const keyed: RecordKind<Note> = { ...NOTES, keys: ({ text }) => [text] };
    const [here, there] = [open().store.collection(keyed), open().store.collection(keyed)];
    for (const id of ['1', '2']) await here.create(note(id, `of ${id}`));
    expect(await there.remove('1')).toBe(true);
    expect(await here.remove('1')).toBe(false);
    await expect(here.read('1')).rejects.toMatchObject({ code: 'store/not-found' });
    await expect(here.update('1', (known) => ({ ...known, text: 'again' }))).rejects.toMatchObject({ code: 'store/not-found' });
    expect(await here.count('notes')).toBe(1);
    expect(await here.count(ALL)).toBe(1);
    expect(await here.holder('of 1')).toBeUndefined();
    expect((await here.holder('of 2'))?.id).toBe('2');
    await here.create(note('1', 'of 1'));
    expect(await there.read('1')).toMatchObject({ text: 'of 1', revision: 0 });
  });

  it('changes what is stored, whatever this process remembers of it', async () => {
    const { open } = bench();
    const [here, there] = [open().store.collection(NOTES), open().store.collection(NOTES)];
    await here.create(note('1', 'first'));
    await there.update('1', (known) => ({ ...known, text: 'second' }));
    expect((await here.update('1', (known) => known)).after.text).toBe('second');
    await there.update('1', (known) => ({ ...known, text: 'third' }));
    const seen: string[] = [];
    const { after } = await here.update('1', (known) => {
      seen.push(known.text);
      return { ...known, text: `${known.text}!` };
    });
    expect(after).toMatchObject({ text: 'third!', revision: 3 });
    expect(seen.at(-1)).toBe('third');
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? here : there).update('1', (known) => ({ ...known, text: `${known.text}+` }))),
    );
    expect((await here.read('1')).text).toBe(`third!${'+'.repeat(20)}`);
  });

  it('reads what an older version wrote, and writes the new one from then on', async () => {
    const { open } = bench();
    const [old, next] = [open().store.collection(NOTES), open().store.collection(NEXT_NOTES)];
    await old.create(note('1', 'a\nb'));
    expect((await next.read('1')).lines).toEqual(['a', 'b']);
    expect((await next.list({ index: 'notes' })).records).toMatchObject([{ lines: ['a', 'b'] }]);
    await next.update('1', (before) => ({ ...before, lines: [...before.lines, 'c'] }));
    expect(await next.read('1')).toEqual({ ...note('1'), text: undefined, revision: 1, lines: ['a', 'b', 'c'] });
    await expect(old.read('1')).rejects.toMatchObject({ code: 'store/newer', retryable: true });
    await expect(old.update('1', (before) => ({ ...before, text: 'lost' }))).rejects.toMatchObject({ code: 'store/newer' });
    expect((await next.read('1')).revision).toBe(1);
  });

  it('leaves what it cannot read out of lists, tells it once, counts it, and hides nothing else', async () => {
    const { open, damage } = bench();
    const [{ store, told }, next] = [open(), open().store.collection(NEXT_NOTES)];
    const old = store.collection(NOTES);
    for (const id of ['1', '2', '3']) await old.create(note(id));
    await next.create({ id: '4', revision: 0, at: '2026-03-01T10:00:04Z', lines: [] });
    await damage('2');
    for (let look = 0; look < 3; look++) {
      const seen: string[] = [];
      for await (const { id } of walk(old, { index: ALL, limit: 2 })) seen.push(id);
      expect(seen).toEqual(['3', '1']);
    }
    expect([(await old.list({ index: ALL })).newer, (await next.list({ index: ALL })).newer]).toEqual([true, false]);
    expect((await old.readMany(['1', '2', '4', 'none'])).map(({ id }) => id)).toEqual(['1']);
    expect(told.map(({ code }) => code).toSorted()).toEqual(['store/newer', 'store/unreadable']);
    expect([old.unreadable(), await old.count(ALL)]).toEqual([2, 4]);
    await expect(old.read('2')).rejects.toMatchObject({ code: 'store/unreadable' });
  });

  it('is written so that every living process can read it', async () => {
    const { open } = bench();
    const [first, second] = [open().store, open().store];
    const [old, next] = [first.collection(NOTES), second.collection(NEXT_NOTES)];
    await first.heartbeats.write(beat('old', 1));
    await second.heartbeats.write(beat('new', 2));
    await next.create({ id: '1', revision: 0, at: '2026-03-01T10:00:01Z', lines: ['a', 'b'] });
    expect((await old.read('1')).text).toBe('a\nb');
    await Promise.all(
      Array.from({ length: 20 }, (__, n) =>
        n % 2 === 0
          ? old.update('1', (before) => ({ ...before, text: `${before.text}\n${n}` }))
          : next.update('1', (before) => ({ ...before, lines: [...before.lines, String(n)] })),
      ),
    );
    const { lines, revision } = await next.read('1');
    expect([lines.toSorted(), revision]).toEqual([['a', 'b', ...Array.from({ length: 20 }, (__, n) => String(n))].toSorted(), 20]);
    await first.heartbeats.remove('old');
    // A look at who lives is believed for a moment.
    await expect
      .poll(async () => {
        await next.update('1', (before) => ({ ...before, lines: [] }));
        return old.read('1').catch(({ code }: CodedError) => code);
      }, PATIENT)
      .toBe('store/newer');
  });
});
