import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FIGURES_KEPT_MS } from '../../src/facts/pull-figures.ts';
import { FAILED_KEPT } from '../../src/queue/bullmq-queue.ts';
import { ANSWER_KEPT_MS } from '../../src/queue/bullmq-workers.ts';
import { HEARTBEAT_KEPT_MS } from '../../src/store/heartbeat.ts';
import { KINDS } from '../../src/store/kinds.ts';
import { RECORD_KEPT_MS, type RecordKind, type StoredRecord } from '../../src/store/record-kind.ts';

const DAY_MS = 24 * 3_600_000;
/** The rows of the table in docs/operations.md: the keys, and how long they are kept. */
const rows = readFileSync('docs/operations.md', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, keys, kept] = /^\| [^|]+ \| ((?:`[a-z-]+:`(?:, )?)+) \| ([^|]+) \|$/.exec(line) ?? [];
    return (keys?.split(', ') ?? []).map((key): [string, string] => [key.slice(1, -2), kept ?? '']);
  });
const table = new Map(rows);

describe('docs/operations.md', () => {
  it.each(
    Object.values(KINDS).map(
      (kind: Pick<RecordKind<StoredRecord>, 'name' | 'keptMs'>) => [kind.name, kind.keptMs ?? RECORD_KEPT_MS] as const,
    ),
  )('says how long records of the kind %s are kept', (name, keptMs) => {
    const lasts = keptMs < DAY_MS ? `${keptMs / 60_000} minutes` : `${keptMs / DAY_MS} days`;
    expect(table.get(name)).toMatch(
      keptMs === Number.POSITIVE_INFINITY ? /^until `imagepull audit cut`$/ : new RegExp(`^${lasts}(?: after the last change)?$`),
    );
  });

  it('says how long everything else in Redis is kept', () => {
    const days = `${RECORD_KEPT_MS / DAY_MS} days`;
    expect(
      Object.fromEntries(['members', 'posted', 'line', 'figures', 'heartbeat', 'queue', 'answer'].map((key) => [key, table.get(key)])),
    ).toEqual({
      members: days,
      posted: days,
      line: days,
      figures: `${FIGURES_KEPT_MS / DAY_MS} days`,
      heartbeat: `${HEARTBEAT_KEPT_MS / 1_000} seconds`,
      queue: `${FAILED_KEPT.age / 3_600} hours, at most ${FAILED_KEPT.count.toLocaleString('en-US')}`,
      answer: `${ANSWER_KEPT_MS / 1_000} seconds`,
    });
  });
});
