import { expect, it } from 'vitest';
import { createAccess } from '../../src/intake/access.ts';
import { createIntake } from '../../src/intake/create-intake.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { peopleOf, unexamined } from '../support/people.ts';

it('messages are alerts in listed channels, of listed apps, with the place and the bounds of their channel, so many a minute', async () => {
  const taken: unknown[] = [];
  const logged: unknown[] = [];
  const clock = { at: Date.parse('2026-03-01T10:00:00Z') };
  const intake = createIntake({
    examine: unexamined,
    store: new MemoryStore(),
    queue: { add: async () => undefined, ask: async () => undefined },
    access: createAccess({ clusters: [], rules: undefined, people: peopleOf({}) }),
    clusters: ['prod'],
    causes: [],
    keepsRecordings: true,
    now: () => new Date(clock.at),
    newId: () => 'id',
    alertMessages: {
      log: { ...SILENT, warn: (message, fields) => void logged.push([message, fields]) },
      channels: [{ channel: 'C1', apps: ['A1'], cluster: 'prod', namespaces: ['shop'] }],
      async take(reading, source, place) {
        taken.push([reading.alerts.map(({ id }) => id), source, place]);
        return { taken: 1, dropped: 0, outside: 0 };
      },
    },
  });
  let kept = 0;
  const post = (given: { channel?: string; app?: string; ts?: string } = {}) =>
    intake.alertMessage({
      channel: 'C1',
      app: 'A1',
      ts: '1.0',
      message: {
        text: 'x',
        attachments: [
          {
            fields: [
              { title: 'pod', value: 'web-0' },
              { title: 'namespace', value: 'shop' },
            ],
          },
        ],
      },
      onKept: () => {
        kept += 1;
      },
      ...given,
    });
  await post({ channel: 'C2' });
  await post({ app: 'A2' });
  expect(taken).toEqual([]);
  await post();
  expect(taken).toEqual([
    [['C1.1.0.0'], { name: 'slack', cluster: 'prod', clusters: [], namespaces: ['shop'] }, { channel: 'C1', thread: '1.0' }],
  ]);
  expect(kept).toBe(1);
  for (let n = 0; n < 100; n++) await post({ ts: `${n}.0` });
  expect(taken).toHaveLength(60);
  expect(logged).toHaveLength(41);
  expect(logged[0]).toEqual(['messages of apps come too fast, one was left out', { channel: 'C1', app: 'A1' }]);
  clock.at += 60_000;
  await post();
  expect(taken).toHaveLength(61);
});
