import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { endOnSignals } from '../../src/cli/first-process.ts';

it('ends by a signal that nobody listens to, and leaves one alone that a command listens to, the first time', () => {
  const exit = vi.fn<NodeJS.Process['exit']>();
  const first = Object.assign(new EventEmitter(), { exit }) as unknown as NodeJS.Process; // nothing else of a process is used
  endOnSignals(first);
  first.once('SIGTERM', () => undefined);
  first.emit('SIGTERM');
  expect(exit).not.toHaveBeenCalled();
  first.emit('SIGTERM');
  expect(exit.mock.calls).toEqual([[143]]);
  first.emit('SIGINT');
  expect(exit.mock.calls).toEqual([[143], [130]]);
});
