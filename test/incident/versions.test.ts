import { describe, expect, it } from 'vitest';
import { KINDS } from '../../src/store/kinds.ts';
import { readRecord, writeRecord } from '../../src/store/record-kind.ts';
import { incidentObject, requestObject, runObject } from '../support/incidents.ts';

const AT = '2026-03-01T11:00:00Z';

describe('records of the release before', () => {
  it('are read: an incident that a run has ended', () => {
    const { aliases: _, ...old } = { ...incidentObject({ id: 'i' }), life: { status: 'resolved', at: AT, by: 'r' } };
    expect(readRecord(KINDS.incidents, { id: 'i', version: 1, value: old })).toMatchObject({
      aliases: [],
      life: { status: 'resolved', at: AT, by: { kind: 'run', id: 'r' } },
    });
  });

  it('are written for it, without anything that it does not know', () => {
    const incident = incidentObject({
      id: 'i',
      trigger: { kind: 'watch' },
      since: AT,
      aliases: ['a'],
      splits: [{ by: 'node', value: 'n', incident: 'j' }],
      life: { status: 'resolved', at: AT, by: { kind: 'recovery', pods: 3, pulled: 3, changes: [] } },
    });
    const { aliases: _a, trigger: _t, since: _s, splits: _p, ...known } = incident;
    expect(writeRecord(KINDS.incidents, incident, 1).value).toEqual({ ...known, life: { status: 'resolved', at: AT, by: 'recovery' } });
    const reopened = incidentObject({ id: 'i', life: { status: 'reopened', at: AT, resolvedAt: AT } });
    expect(writeRecord(KINDS.incidents, reopened, 1).value).toMatchObject({ life: { status: 'reopened', at: AT } });
    expect(writeRecord(KINDS.runs, runObject({ id: 'r', trigger: { kind: 'watch' } }), 1).value).toMatchObject({
      trigger: { kind: 'cli' },
    });
    const { place: _, ...request } = requestObject({ id: 'q', trigger: { kind: 'alert', source: 's' } });
    expect(writeRecord(KINDS.requests, request, 1).value).toMatchObject({ trigger: { kind: 'cli' }, place: { channel: '' } });
  });

  it.each([
    ['an open incident', KINDS.incidents, incidentObject({ id: 'x' })],
    ['a run', KINDS.runs, runObject({ id: 'x' })],
    ['a request', KINDS.requests, requestObject({ id: 'x' })],
    [
      'a silence',
      KINDS.silences,
      {
        id: 'x',
        revision: 0,
        cluster: 'prod',
        namespace: 'shop',
        about: { kind: 'workload', workload: 'web' },
        by: 'U1',
        from: AT,
        until: AT,
      },
    ],
  ] as const)('come back as they were: %s', (_, kind, record) => {
    const written = writeRecord<typeof record>(kind as never, record, 1);
    expect(readRecord(kind as never, written)).toEqual(record);
  });
});
