import { describe, expect, it } from 'vitest';
import { createFigureHistory } from '../../src/engine/figure-history.ts';
import { CodedError } from '../../src/errors.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { type Log, SILENT } from '../../src/telemetry/log.ts';

const figures = [{ at: '2026-03-01T10:00:00Z', pulls: 5, pullErrors: 1 }];

describe('the figures of a node', () => {
  it('are kept for each cluster by itself', async () => {
    const store = new MemoryStore();
    const [one, two] = ['one', 'two'].map((cluster) => createFigureHistory({ store, cluster, log: SILENT }));
    await one?.keep('node-1', figures);
    expect([await one?.read('node-1'), await one?.read('node-2'), await two?.read('node-1')]).toEqual([figures, [], []]);
  });

  it('cost no diagnosis where the store fails, which the log tells', async () => {
    const warnings: unknown[] = [];
    const log: Log = { ...SILENT, warn: (message, fields) => void warnings.push([message, fields?.['code']]) };
    const fail = () => Promise.reject(new CodedError('store/unavailable', 'Redis does not answer.'));
    const history = createFigureHistory({ store: { figures: { read: fail, write: fail } }, cluster: 'one', log });
    expect(await history.read('node-1')).toEqual([]);
    await history.keep('node-1', figures);
    expect(warnings).toEqual([
      ['figures of a node could not be read', 'store/unavailable'],
      ['figures of a node could not be kept', 'store/unavailable'],
    ]);
  });

  it('hide no bug', async () => {
    const fail = () => Promise.reject(new TypeError('a bug'));
    const history = createFigureHistory({ store: { figures: { read: fail, write: fail } }, cluster: 'one', log: SILENT });
    await expect(history.read('node-1')).rejects.toThrow('a bug');
  });
});
