import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAlerts } from '../../src/alerts/read-alerts.ts';
import { relevanceOf } from '../../src/alerts/relevance.ts';
import { SENDERS } from '../../src/alerts/source.ts';
import { CodedError } from '../../src/errors.ts';

const read = (body: unknown, sender: (typeof SENDERS)[number] = 'alertmanager') => readAlerts(JSON.stringify(body), { name: 's', sender });
const one = (change: object) => {
  const labels = { alertname: 'KubePodNotReady', namespace: 'shop', pod: 'web-0' };
  const [alert] = read({ alerts: [{ status: 'firing', labels, fingerprint: 'f', ...change }] }).alerts;
  if (!alert) throw new Error('no alert');
  return alert;
};

describe('a body', () => {
  it.each(['', '{"alerts":[{"labels"', 'hunter2', '<html>', '{"alerts":[]}garbage'])('%j is not JSON, and is not quoted', (text) => {
    const thrown = (() => {
      try {
        return readAlerts(text, { name: 's', sender: 'alertmanager' });
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toMatchObject({ code: 'alert/not-json', fault: 'caller', retryable: false });
    expect(JSON.stringify([(thrown as Error).message, (thrown as Error).cause])).not.toContain('hunter2');
  });

  it('100,000 levels deep is read like any other', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    for (const sender of SENDERS)
      for (const text of [`{"alerts":[${deep}]}`, `{"alerts":[{"labels":{"a":${deep}},"text":${deep}}]}`])
        expect(readAlerts(text, { name: 's', sender })).toMatchObject({ alerts: [] });
  });

  it('with 5,000 alerts, one in ten of them broken, loses none of the others', () => {
    const alerts = Array.from({ length: 5000 }, (_, at) =>
      at % 10 === 0 ? at : { status: 'firing', labels: { alertname: 'X', namespace: 'shop', pod: `web-${at}` } },
    );
    const reading = read({ alerts });
    expect(reading.alerts).toHaveLength(4500);
    expect(reading.problems).toHaveLength(500);
    expect(reading.alerts.at(-1)?.location).toEqual({ namespace: 'shop', pod: 'web-4999' });
  });

  it('with more alerts than are read says how many it leaves out', () => {
    const alerts = Array.from({ length: 10_003 }, () => ({ labels: { alertname: 'X' } }));
    for (const sender of ['alertmanager', 'generic'] as const) expect(read({ alerts }, sender)).toMatchObject({ leftOut: 3 });
  });

  it('of any kind is read or refused with a code, for every sender', () => {
    const key = fc.constantFrom(
      'alerts',
      'labels',
      'annotations',
      'status',
      'event',
      'data',
      'pod',
      'namespace',
      'id',
      '__proto__',
      'constructor',
      'tags',
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom(null, true, 0, -1, 1e300, '', 'firing', 'resolved', 'shop', 'web-0', 'a\n*b*', '2026-11-27T08:00:00Z'),
        fc.string({ unit: 'binary' }),
        fc.array(tie('value'), { maxLength: 5 }),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
      ),
    }));
    fc.assert(
      fc.property(value, fc.constantFrom(...SENDERS), (body, sender) => {
        try {
          const reading = read(body, sender);
          for (const alert of reading.alerts) {
            expect(['look', 'ask', 'drop']).toContain(relevanceOf(alert).status);
            expect(alert.id.length).toBeGreaterThan(0);
          }
        } catch (error) {
          if (!(error instanceof CodedError)) throw error;
          expect(error.area).toBe('alert');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('what is kept of an alert', () => {
  it('has newlines and markup as they are, for they are data', () => {
    const labels = { alertname: '*x*\n<!channel>', namespace: 'shop', pod: 'web-0', note: '`a`\n<https://x.example|y>' };
    expect(one({ labels })).toMatchObject({ name: '*x*\n<!channel>', labels, location: { pod: 'web-0' } });
  });

  it('is cut, and where it points is read of all', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`l${at}`, 'v']));
    const alert = one({
      labels: { ...many, big: 'x', namespace: 'shop', pod: 'web-0', alertname: 'n'.repeat(10_000) },
      annotations: { summary: 'y'.repeat(100_000) },
      fingerprint: 'z'.repeat(10_000),
    });
    expect(alert.location).toEqual({ namespace: 'shop', pod: 'web-0' });
    expect(Object.keys(alert.labels).length).toBe(64);
    expect([alert.name.length, alert.text.length, alert.id.length]).toEqual([200, 4000, 300]);
    expect(one({ labels: { alertname: 'X', note: 'v'.repeat(10_000) } }).labels['note']).toHaveLength(500);
  });

  it('holds no secret', () => {
    const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
    const alert = one({
      labels: { alertname: `X ${secret}`, note: secret, cluster: secret },
      annotations: { summary: `password=${secret} ${'x'.repeat(3900)} ${secret}` },
      fingerprint: secret,
    });
    expect(JSON.stringify(alert)).not.toContain(secret.slice(0, 12));
  });

  it.each([
    ['2026-11-27T08:00:00Z', '2026-11-27T08:00:00.000Z'],
    ['2026-11-27T09:00:00.987654321+01:00', '2026-11-27T08:00:00.987Z'],
    ['2126-11-27T08:00:00Z', '2126-11-27T08:00:00.000Z'],
    ['1795766400', '2026-11-27T08:00:00.000Z'],
    ['1795766400000', '2026-11-27T08:00:00.000Z'],
    ['0001-01-01T00:00:00Z', undefined],
    ['2026-13-45T99:00:00Z', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ])('began at %j, which is %s', (startsAt, expected) => {
    expect(one({ startsAt }).startsAt).toBe(expected);
  });
});
