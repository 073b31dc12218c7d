import { describe, expect, it } from 'vitest';
import { createTerminalChat } from '../../src/chat/terminal-chat.ts';

function terminal(isTTY: boolean, columns = 40) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

describe('progress on a terminal', () => {
  it('is edited in place and cleared at the end', async () => {
    const screen = terminal(true);
    const chat = createTerminalChat(screen);
    const { ts } = await chat.post('run', { key: 'card', text: 'one\ntwo' });
    await chat.update('run', ts, { key: 'card', text: 'one\ntwo done' });
    chat.clear();
    expect(screen.written).toEqual(['one\ntwo\n', '\u001b[2A\u001b[0Jone\ntwo done\n', '\u001b[2A\u001b[0J']);
  });

  it('never wraps, since a wrapped line could not be taken back', async () => {
    const screen = terminal(true, 30);
    await createTerminalChat(screen).post('run', { key: 'card', text: 'x'.repeat(100) });
    expect(screen.written[0]?.trimEnd()).toHaveLength(29);
  });

  it('is silent where nobody watches', async () => {
    const pipe = terminal(false);
    const chat = createTerminalChat(pipe);
    await chat.post('run', { key: 'card', text: 'one' });
    chat.clear();
    expect(pipe.written).toEqual([]);
  });
});
