import { afterEach, describe, expect, it, vi } from 'vitest';
import { paintFor, takesControlCodes } from '../../src/cli/output.ts';
import { plain } from '../../src/report/layout.ts';

/** Only what is asked of a stream; the cast stands for the rest of it. */
const terminal = { isTTY: true } as NodeJS.WriteStream;
const pipe = { isTTY: false } as NodeJS.WriteStream;

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('control codes', () => {
  it('go to a terminal that understands them', () => {
    vi.stubEnv('TERM', 'xterm-256color');
    vi.stubEnv('NO_COLOR', '');
    expect(takesControlCodes(terminal)).toBe(true);
    expect(paintFor(terminal).strong('x')).toContain('\u001b');
  });

  it('never go to a dumb terminal, to a pipe, or as colours where NO_COLOR is set', () => {
    vi.stubEnv('TERM', 'dumb');
    expect([takesControlCodes(terminal), paintFor(terminal)]).toEqual([false, plain]);
    vi.stubEnv('TERM', 'xterm');
    expect([takesControlCodes(pipe), paintFor(pipe)]).toEqual([false, plain]);
    vi.stubEnv('NO_COLOR', '1');
    expect(paintFor(terminal)).toBe(plain);
  });
});
