import { describe, expect, it } from 'vitest';
import { longestAttempt, openAttempt } from '../../../src/diagnosis/pod/pull-attempt.ts';
import type { Event } from '../../../src/facts/kubernetes/kubernetes-object.ts';
import { eventObject } from '../../support/objects.ts';

const IMAGE = 'registry.example/shop/web:1';
const now = new Date('2026-03-01T10:30:00Z');
const at = (time: string) => `2026-03-01T10:${time}Z`;
/** An event as the kubelet's recorder folds it: how often, first, last. */
const seen = (reason: string, message: string, times: number, first: string, last = first) =>
  eventObject({ reason, message, times, first: at(first), last: at(last) });
const pulling = (times: number, first: string, last?: string) => seen('Pulling', `Pulling image "${IMAGE}"`, times, first, last);
const failed = (times: number, first: string, last?: string, why = 'context canceled') =>
  seen('Failed', `Failed to pull image "${IMAGE}": ${why}`, times, first, last);
const backOff = (times: number, first: string, last?: string) => seen('BackOff', `Back-off pulling image "${IMAGE}"`, times, first, last);
const echo = (times: number, first: string, last?: string) => seen('Failed', 'Error: ImagePullBackOff', times, first, last);
const pulled = (time: string) => seen('Pulled', `Successfully pulled image "${IMAGE}" in 2s (2s including waiting)`, 1, time);
const canceled = (events: readonly Event[]) => events.filter(({ message }) => message?.includes('context canceled'));

describe('an attempt to pull', () => {
  it.each<[string, readonly Event[], boolean]>([
    ['is open after its Pulling event', [pulling(1, '20:00')], true],
    ['is over once it failed', [pulling(1, '20:00'), failed(1, '25:00')], false],
    ['is over once it failed within the same second', [pulling(1, '20:00'), failed(1, '20:00')], false],
    ['is over once the image is there', [pulling(1, '20:00'), pulled('20:00')], false],
    ['is over once the pod backs off, though the failure was dropped', [pulling(5, '00:00', '20:00'), backOff(9, '00:10', '21:00')], false],
    ['is over once the status says so in an event', [pulling(5, '00:00', '20:00'), echo(9, '00:10', '21:00')], false],
    [
      'is open again after an earlier failure and its back-off',
      [pulling(2, '00:00', '20:00'), failed(1, '05:00'), backOff(20, '05:10', '19:50')],
      true,
    ],
    [
      'is open where the back-off before it ended in the same second',
      [pulling(2, '00:00', '20:00'), failed(1, '05:00'), backOff(20, '05:10', '20:00')],
      true,
    ],
    ['is unknown without a Pulling event', [backOff(3, '20:00')], false],
  ])('%s', (_, events, isOpen) => {
    expect(openAttempt(events, now) !== undefined).toBe(isOpen);
  });

  it('is not said to last where the kubelet may have dropped the event that would end it', () => {
    // 26 events so far: the recorder lets one through every five minutes.
    const throttled = [pulling(6, '00:00', '26:00'), failed(5, '00:01', '20:00'), backOff(8, '00:10', '25:50'), echo(8, '00:10', '25:50')];
    expect(openAttempt(throttled, now)).toBeUndefined();
    const silent = new Date('2026-03-01T10:32:00Z');
    expect(openAttempt(throttled, silent)).toBeDefined();
    expect(openAttempt(throttled.slice(0, 2), now)).toBeDefined();
    // The other containers of a pod use up the same allowance.
    expect(openAttempt(throttled.slice(0, 2), now, throttled)).toBeUndefined();
  });
});

describe('how long an attempt lasted', () => {
  it.each<[string, readonly Event[], number | undefined]>([
    ['is the time from its beginning to its failure', [pulling(1, '00:00'), failed(1, '05:00')], 300],
    ['is told of the last of several', [pulling(3, '00:00', '13:00'), failed(3, '05:00', '18:00'), backOff(6, '05:10', '12:50')], 300],
    // The next attempt has begun, so the one that failed last began at a time that the folded event no longer shows.
    [
      'is told of the first where the last began unseen',
      [pulling(4, '00:00', '29:00'), failed(3, '05:00', '28:30'), backOff(9, '05:10', '28:50')],
      300,
    ],
    [
      'is not told where only the beginning of an earlier one is left',
      [pulling(5, '05:00', '29:30'), failed(2, '28:00', '28:30')],
      undefined,
    ],
    ['is not told where its Pulling event was dropped', [pulling(2, '00:00', '05:40'), failed(3, '00:01', '28:00')], 1],
    ['is not told without a Pulling event', [failed(2, '05:00', '28:00'), backOff(30, '05:10', '28:50')], undefined],
    ['is not told of a failure of another kind', [pulling(2, '00:00', '05:00'), failed(1, '04:55', '04:55', 'EOF'), failed(1, '05:02')], 2],
    [
      'is not told across a time at which the image was there',
      [pulled('10:00'), pulling(2, '00:00', '29:00'), failed(1, '28:00')],
      undefined,
    ],
  ])('%s', (_, events, seconds) => {
    const lasted = longestAttempt(events, canceled(events));
    expect(lasted === undefined ? undefined : lasted / 1000).toBe(seconds);
  });
});
