import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { deadline } from '../../src/timing/deadline.ts';

const never = () => new Promise<never>(() => undefined);

it('ends what goes on for too long with a TimeoutError, and tells it', async () => {
  let told: AbortSignal | undefined;
  const late = deadline({ ms: 5 }, (signal) => {
    told = signal;
    return never();
  });
  await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(told?.reason).toMatchObject({ name: 'TimeoutError' });
});

it("ends with the signal's own reason, before or after the start", async () => {
  const stop = new AbortController();
  const running = deadline({ ms: 60_000, signal: stop.signal }, never);
  stop.abort(new Error('stopped'));
  await expect(running).rejects.toThrow('stopped');
  let started = false;
  const refused = deadline({ signal: stop.signal }, () => {
    started = true;
  });
  await expect(refused).rejects.toThrow('stopped');
  expect(started).toBe(false);
});

it('leaves no listener on the signal, whatever the end', async () => {
  const { signal } = new AbortController();
  await deadline({ ms: 60_000, signal }, () => 'done');
  await expect(
    deadline({ signal }, () => {
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
  await expect(deadline({ ms: 1, signal }, never)).rejects.toThrow();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
