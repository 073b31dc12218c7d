import { describe, expect, it } from 'vitest';
import { isQuiet, type QuietHours, quietUntil } from '../../src/routing/quiet-hours.ts';

const NIGHT: QuietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
const WEEKEND: QuietHours = { from: '00:00', to: '24:00', timeZone: 'Europe/Berlin', days: ['sat', 'sun'] };
const WORKDAYS: QuietHours = { ...NIGHT, days: ['mon', 'tue', 'wed', 'thu', 'fri'] };

describe('quiet hours', () => {
  it.each<[string, QuietHours, at: string, until: string | undefined]>([
    ['the evening', NIGHT, '2026-01-14T22:15:00+01:00', '2026-01-15T07:00:00+01:00'],
    ['their first minute', NIGHT, '2026-01-14T22:00:00+01:00', '2026-01-15T07:00:00+01:00'],
    ['the minute before', NIGHT, '2026-01-14T21:59:59+01:00', undefined],
    ['the small hours', NIGHT, '2026-01-15T03:00:30+01:00', '2026-01-15T07:00:00+01:00'],
    ['their last second', NIGHT, '2026-01-15T06:59:59+01:00', '2026-01-15T07:00:00+01:00'],
    ['their end', NIGHT, '2026-01-15T07:00:00+01:00', undefined],
    ['the night in which clocks go forward', NIGHT, '2026-03-28T23:00:00+01:00', '2026-03-29T07:00:00+02:00'],
    ['the night in which clocks go back', NIGHT, '2026-10-24T23:00:00+02:00', '2026-10-25T07:00:00+01:00'],
    ['the hour that comes twice', NIGHT, '2026-10-25T02:30:00+02:00', '2026-10-25T07:00:00+01:00'],
    ['another place', { ...NIGHT, timeZone: 'Asia/Kolkata' }, '2026-01-14T17:00:00Z', '2026-01-15T01:30:00Z'],
    ['half an hour of daylight saving', { ...NIGHT, timeZone: 'Australia/Lord_Howe' }, '2026-10-03T13:00:00Z', '2026-10-03T20:00:00Z'],
    ['the middle of a day', { ...NIGHT, from: '12:00', to: '13:00' }, '2026-01-14T12:30:00+01:00', '2026-01-14T13:00:00+01:00'],
    ['a Saturday: the Sunday follows', WEEKEND, '2026-01-17T10:00:00+01:00', '2026-01-19T00:00:00+01:00'],
    ['the Friday before', WEEKEND, '2026-01-16T23:59:00+01:00', undefined],
    ['the Sunday on which clocks go forward', WEEKEND, '2026-03-29T01:00:00+01:00', '2026-03-30T00:00:00+02:00'],
    ['the Saturday morning of the Friday night', WORKDAYS, '2026-01-17T03:00:00+01:00', '2026-01-17T07:00:00+01:00'],
    ['the Saturday night', WORKDAYS, '2026-01-17T23:00:00+01:00', undefined],
    ['the Monday morning of the Sunday night', WORKDAYS, '2026-01-19T03:00:00+01:00', undefined],
    ['the end of the evening', { ...NIGHT, to: '24:00' }, '2026-01-14T23:00:00+01:00', '2026-01-15T00:00:00+01:00'],
  ])('in %s', (_, hours, at, until) => {
    expect(isQuiet(hours, new Date(at))).toBe(until !== undefined);
    expect(quietUntil(hours, new Date(at))).toEqual(until === undefined ? undefined : new Date(until));
  });

  it('have no end where they are all day on all days', () => {
    expect(quietUntil({ from: '00:00', to: '24:00', timeZone: 'UTC' }, new Date('2026-01-14T12:00:00Z'))).toBeUndefined();
  });
});
