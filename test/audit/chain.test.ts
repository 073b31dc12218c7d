import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitmentTo, type Disclosure } from '../../src/audit/commitment.ts';
import { ENTRY_KINDS, type Entry, headOf, nextEntry } from '../../src/audit/entry.ts';
import { verifyChain } from '../../src/audit/verify-chain.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { newKeys } from '../support/signing-keys.ts';

const { sign, verify: verifySlowly } = newKeys();
const answers = new Map<string, boolean>();
/** The same answers; each signature is checked once, for the sake of 10,000 chains. */
function verify(text: string, signature: string): boolean {
  const known = answers.get(`${text} ${signature}`);
  const answer = known ?? verifySlowly(text, signature);
  answers.set(`${text} ${signature}`, answer);
  return answer;
}

const ann: Disclosure = { about: 'who', salt: '0'.repeat(64), says: { person: { organisation: 'T001', user: 'U0ANN' }, name: 'Ann' } };

function chainOf(length: number, cluster = 'prod', words = 'something happened'): readonly Entry[] {
  const entries: Entry[] = [];
  for (let index = 0; index < length; index++) {
    const last = entries.at(-1);
    const kind = ENTRY_KINDS[index % ENTRY_KINDS.length] ?? 'proposal';
    const event = {
      kind,
      ...(kind === 'cut' ? { keptFrom: 3 } : {}),
      at: new Date(Date.UTC(2026, 2, 1) + index * 1000).toISOString(),
      what: `${words} ${index}`,
      from: 'slack:C0001',
      digest: 'ab'.repeat(32),
      ...(index % 2 === 0 ? { who: commitmentTo(ann, sha256) } : {}),
    };
    entries.push(nextEntry(event, { cluster, head: last && headOf(last), hash: sha256, sign }));
  }
  return entries;
}

const chain = chainOf(24);
const other = chainOf(24, 'prod', 'something else happened');
const foreign = chainOf(24, 'staging');
const end = chain.at(-1);
const newest = headOf(end as Entry);
const check = { cluster: 'prod', hash: sha256, verify, heads: [newest] };

/** Every place in an entry that holds a text or number. */
function leaves(value: object, path: readonly string[] = []): (readonly string[])[] {
  return Object.entries(value).flatMap(([key, member]) => (typeof member === 'object' ? leaves(member, [...path, key]) : [[...path, key]]));
}

function withChanged(entry: Entry, path: readonly string[], value: unknown): unknown {
  const copy: Record<string, unknown> = structuredClone(entry);
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ''] = value;
  return copy;
}

/** A damaged chain, with the number of the first entry that is not as it was. */
interface Damage {
  readonly entries: readonly unknown[];
  readonly first: number;
}

const place = fc.nat({ max: chain.length - 1 });
const damaged: fc.Arbitrary<Damage> = fc.oneof(
  fc
    .record({ at: place, leaf: fc.nat(), value: fc.oneof(fc.string(), fc.nat(), fc.constantFrom(null, '\ud800', true)) })
    .map(({ at, leaf, value }) => {
      const entry = chain[at] as Entry;
      const paths = leaves(entry);
      const path = paths[leaf % paths.length] ?? [];
      const was = path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], entry);
      return { entries: chain.with(at, withChanged(entry, path, value === was ? 'other' : value) as Entry), first: at };
    }),
  // One character of a hash, a commitment, a digest or a signature.
  fc
    .record({ at: place, field: fc.constantFrom('hash', 'previous', 'signature'), character: fc.nat({ max: 63 }) })
    .map(({ at, field, character }) => {
      const entry = chain[at] as Entry;
      const text = String(entry[field as 'hash']);
      const replaced = text.slice(0, character) + (text[character] === '1' ? '2' : '1') + text.slice(character + 1);
      return { entries: chain.with(at, { ...entry, [field]: replaced }), first: at };
    }),
  fc
    .record({ at: place, count: fc.integer({ min: 1, max: 5 }) })
    .map(({ at, count }) => ({ entries: chain.toSpliced(at, count), first: at })),
  fc
    .tuple(place, place)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => ({
      entries: chain.with(a, chain[b] as Entry).with(b, chain[a] as Entry),
      first: Math.min(a, b),
    })),
  place.map((at) => ({ entries: chain.slice(0, at), first: at })),
  // Signed, but for another chain.
  place.map((at) => ({ entries: chain.with(at, foreign[at] as Entry), first: at })),
  // A writer's field that no release knows.
  place.map((at) => ({ entries: chain.with(at, { ...(chain[at] as Entry), extra: true } as Entry), first: at })),
);

describe('the audit chain', () => {
  it('holds as it was written, and with a head of the log that is older than its end', () => {
    expect(verifyChain(chain, check)).toEqual({ head: newest });
    expect(verifyChain(chain, { ...check, heads: [headOf(chain[5] as Entry)] })).toEqual({ head: newest });
    expect(verifyChain([], { ...check, heads: undefined })).toEqual({ head: undefined });
  });

  it('names the first entry that is missing or changed, for 10,000 ways to damage it', () => {
    fc.assert(
      fc.property(damaged, ({ entries, first }) => {
        const found = verifyChain(entries, check);
        if (!('problem' in found)) throw new Error('the damage was not noticed');
        expect(found.sequence).toBe(first);
      }),
      { numRuns: 10_000 },
    );
  });

  it('begins later only where an entry of its own says so, with the hash of the one before', () => {
    const [, , third, fourth] = chain;
    const beginning = { sequence: 3, previous: third?.hash ?? '' };
    // There is a cut in it from the same entry on, which tells of another one before.
    expect(verifyChain(chain.slice(3), { ...check, beginning })).toMatchObject({ sequence: 2, problem: 'missing' });
    expect(verifyChain(chain.slice(3), { ...check, beginning: { sequence: 3, previous: 'ab'.repeat(32) } })).toMatchObject({
      sequence: fourth?.sequence,
      problem: 'changed',
    });
    expect(verifyChain(chain.slice(3), check)).toMatchObject({ sequence: 0, problem: 'missing' });
  });

  it('notices a history that was written anew, which takes the key: at the joint, or by the head of the log', () => {
    expect(verifyChain([...chain.slice(0, 9), ...other.slice(9)], check)).toMatchObject({ sequence: 8, problem: 'changed' });
    expect(verifyChain(other, check)).toMatchObject({ sequence: 23, problem: 'changed' });
    // The log tells of both, as when a snapshot was restored and the chain went on from there.
    const heads = [chain[20], other[3], other[23]].map((entry) => headOf(entry as Entry));
    expect(verifyChain(other, { ...check, heads })).toMatchObject({ sequence: 20, problem: 'changed' });
  });

  it('says that an entry stands there twice', () => {
    const found = verifyChain(chain.toSpliced(7, 0, chain[6] as Entry), check);
    expect(found).toMatchObject({ sequence: 6, problem: 'does-not-belong' });
  });

  it('cannot see a cut tail without the head that the log tells', () => {
    expect(verifyChain(chain.slice(0, 9), { ...check, heads: undefined })).toHaveProperty('head.sequence', 8);
    expect(verifyChain(chain.slice(0, 9), check)).toMatchObject({ sequence: 9, problem: 'missing' });
  });

  it('holds when a name is erased, and says nothing of the person', () => {
    expect(JSON.stringify(chain)).not.toMatch(/Ann|U0ANN/);
    const again: Disclosure = { ...ann, salt: '1'.repeat(64) };
    expect(commitmentTo(again, sha256)).not.toBe(commitmentTo(ann, sha256));
    expect(chain[0]?.event.who).toBe(commitmentTo(ann, sha256));
  });
});
