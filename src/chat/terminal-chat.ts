import type { Message } from '../incident/message.ts';
import type { Chat } from './chat.ts';

/** The part of a terminal that is needed; process.stderr fits. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows progress on a terminal and edits it in place. Anywhere else it is silent, so that logs
 * and pipes stay clean. Call `clear` before the result is printed.
 */
export function createTerminalChat(terminal: Terminal): Chat & { clear(): void } {
  let shown = 0;

  function show(message: Message): void {
    // The result is printed whole at the end; only the way there is shown.
    const [headline] = message.pieces;
    if (!terminal.isTTY || headline?.kind !== 'headline' || headline.mark !== 'running') return;
    const width = Math.max(20, (terminal.columns ?? 80) - 1);
    const lines = message.text.split('\n').map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line));
    terminal.write(`${erase(shown)}${lines.join('\n')}\n`);
    shown = lines.length;
  }

  return {
    async post(_about, message) {
      show(message);
      return { ts: message.key };
    },
    async update(_about, _ts, message) {
      show(message);
    },
    find: async () => undefined,
    findForgotten: async () => undefined,
    // Whoever runs a command sees its error.
    notify: async () => undefined,
    link: async () => undefined,
    clear() {
      if (terminal.isTTY) terminal.write(erase(shown));
      shown = 0;
    },
  };
}

/** Moves the cursor up over so many lines and clears to the end of the screen. */
function erase(lines: number): string {
  return lines === 0 ? '' : `\u001b[${lines}A\u001b[0J`;
}
