import { describe, expect, it } from 'vitest';
import type { StreamAnswer } from '../../src/cluster/api-stream.ts';
import { type PodEvent, watchEvents } from '../../src/cluster/event-watch.ts';
import { CodedError } from '../../src/errors.ts';
import { eventually } from '../support/eventually.ts';

const event = (pod: string, resourceVersion: string, reason = 'Failed') => ({
  metadata: { resourceVersion },
  involvedObject: { namespace: 'shop', name: pod, uid: `uid-${pod}` },
  reason,
});
const change = (type: string, object: unknown) => JSON.stringify({ type, object });
const list = (resourceVersion: string, items: readonly unknown[] = [], next?: string) =>
  JSON.stringify({ metadata: { resourceVersion, ...(next === undefined ? {} : { continue: next }) }, items });

/** What the API server answers to one request for a stream. */
type Script = { readonly status?: number; readonly lines?: readonly string[]; readonly error?: Error; readonly hang?: boolean };

/** A watch against an API server that answers by a script, and hangs once that is at its end. */
function watch(pages: readonly (string | Error)[], scripts: readonly Script[]) {
  const told: string[] = [];
  const restarts: string[] = [];
  const lists: Readonly<Record<string, string>>[] = [];
  const streams: Readonly<Record<string, string>>[] = [];
  const stop = new AbortController();
  const ended = watchEvents(
    {
      async read(_path, query) {
        const answer = pages[lists.push(query) - 1] ?? list('100');
        if (typeof answer !== 'string') throw answer;
        return answer;
      },
      async open(_path, query, signal): Promise<StreamAnswer> {
        const { status = 200, lines = [], error, hang = false } = scripts[streams.push(query) - 1] ?? { hang: true };
        if (error) throw error;
        return {
          status,
          async *lines() {
            yield* lines;
            if (hang) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
          },
          close: () => undefined,
        };
      },
      onEvent: ({ pod, reason }: PodEvent) => void told.push(`${pod} ${reason}`),
      onRestart: (reason) => void restarts.push(reason),
      backoffMs: { first: 1, longest: 5 },
    },
    stop.signal,
  );
  return {
    told,
    restarts,
    lists,
    streams,
    async stop() {
      stop.abort();
      await ended;
    },
  };
}

describe('a watch of events', () => {
  it('tells what is there, page by page, then what comes, new events and old ones that come again', async () => {
    const world = watch(
      [list('5', [event('a', '4')], 'more'), list('7', [event('b', '6', 'BackOff')])],
      [{ lines: [change('ADDED', event('c', '8')), change('MODIFIED', event('a', '9')), change('DELETED', event('b', '10'))], hang: true }],
    );
    await eventually(() => expect(world.told).toEqual(['a Failed', 'b BackOff', 'c Failed', 'a Failed']));
    expect(world.lists.map(({ continue: next }) => next)).toEqual([undefined, 'more']);
    expect(world.streams[0]).toMatchObject({ watch: '1', resourceVersion: '7' });
    expect(Number(world.streams[0]?.['timeoutSeconds'])).toBeGreaterThanOrEqual(240);
    expect(Number(world.streams[0]?.['timeoutSeconds'])).toBeLessThanOrEqual(300);
    await world.stop();
    expect(world.restarts).toEqual([]);
  });

  it('asks for events of pods alone, without the commonest that say nothing of failing pulls, and passes over other ones', async () => {
    const world = watch([list('1', [event('a', '1', 'FailedMount2'), { kind: 'strange' }, event('b', '1', 'ErrImageNeverPull')])], []);
    await eventually(() => expect(world.told).toEqual(['b ErrImageNeverPull']));
    const selector = world.lists[0]?.['fieldSelector'] ?? '';
    expect(selector.split(',')).toEqual(expect.arrayContaining(['involvedObject.kind=Pod', 'reason!=Pulled', 'reason!=Scheduled']));
    for (const reason of ['Failed', 'BackOff', 'InspectFailed', 'ErrImageNeverPull', 'FailedCreatePodSandBox'])
      expect(selector.split(',')).not.toContain(`reason!=${reason}`);
    await world.stop();
  });

  it('lists anew where its version is too old, whichever way the API server says so', async () => {
    const expired = new CodedError('cluster/expired', 'too old', { retryable: true });
    const world = watch(
      [list('1'), list('2'), expired, list('3', [event('late', '3')])],
      [{ status: 410 }, { lines: [change('ERROR', { code: 410, message: 'too old resource version' })] }, { hang: true }],
    );
    await eventually(() => expect(world.told).toEqual(['late Failed']));
    expect(world.restarts).toEqual(['expired', 'expired', 'expired']);
    expect(world.streams.map(({ resourceVersion }) => resourceVersion)).toEqual(['1', '2', '3']);
    await world.stop();
  });

  it('goes on from the last event it saw after a connection is cut, refused, or too much is asked', async () => {
    const world = watch(
      [list('1')],
      [
        { lines: [change('ADDED', event('a', '4'))] }, // closed at once
        { error: new Error('ECONNRESET') },
        { status: 429 },
        { status: 500 },
        { lines: ['{"type":"ADDED","object"'] }, // cut off
        { lines: [change('ADDED', event('b', '5'))], hang: true },
      ],
    );
    await eventually(() => expect(world.told).toEqual(['a Failed', 'b Failed']));
    expect(world.lists).toHaveLength(1);
    expect(world.streams.slice(1).map(({ resourceVersion }) => resourceVersion)).toEqual(['4', '4', '4', '4', '4']);
    expect(world.restarts).toEqual(['disconnected', 'disconnected', 'overloaded', 'overloaded', 'disconnected']);
    await world.stop();
  });

  it('keeps trying where it has no right to watch, and says so', async () => {
    const forbidden = new CodedError('cluster/forbidden', 'no');
    const world = watch([forbidden, forbidden, list('1', [event('a', '1')])], []);
    await eventually(() => expect(world.told).toEqual(['a Failed']));
    expect(world.restarts).toEqual(['refused', 'refused']);
    await world.stop();
  });
});
