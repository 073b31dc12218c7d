import { describe, expect, it } from 'vitest';
import { createTerminalChat } from '../../src/chat/terminal-chat.ts';
import type { Message } from '../../src/incident/message.ts';

const about = { incidentId: 'incident', place: { channel: 'terminal' } };
const card = (text: string): Message => ({
  key: 'card',
  text,
  inThread: false,
  pieces: [{ kind: 'headline', mark: 'running', text: 'one' }],
});

function terminal(isTTY: boolean, columns = 40) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

describe('progress on a terminal', () => {
  it('is edited in place and cleared at the end', async () => {
    const screen = terminal(true);
    const chat = createTerminalChat(screen);
    const { ts } = await chat.post(about, card('one\ntwo'));
    await chat.update(about, ts, card('one\ntwo done'));
    chat.clear();
    expect(screen.written).toEqual(['one\ntwo\n', '\u001b[2A\u001b[0Jone\ntwo done\n', '\u001b[2A\u001b[0J']);
  });

  it('never wraps, since a wrapped line could not be taken back', async () => {
    const screen = terminal(true, 30);
    await createTerminalChat(screen).post(about, card('x'.repeat(100)));
    expect(screen.written[0]?.trimEnd()).toHaveLength(29);
  });

  it('leaves the finished card and its details to the result that is printed', async () => {
    const screen = terminal(true);
    const chat = createTerminalChat(screen);
    await chat.post(about, { ...card('done'), pieces: [{ kind: 'headline', mark: 'wrong', text: 'done' }] });
    await chat.post(about, { ...card('details'), inThread: true, pieces: [{ kind: 'text', text: ['details'] }] });
    expect(screen.written).toEqual([]);
  });

  it('is silent where nobody watches', async () => {
    const pipe = terminal(false);
    const chat = createTerminalChat(pipe);
    await chat.post(about, card('one'));
    chat.clear();
    expect(pipe.written).toEqual([]);
  });
});
