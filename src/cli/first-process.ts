import { constants } from 'node:os';

const ENDING = ['SIGINT', 'SIGTERM'] as const;

/**
 * Lets SIGINT and SIGTERM end the first process of a container, where Linux gives neither an effect of its own: Ctrl-C and `docker stop` would wait.
 * A command that listens itself ends as it likes; asked a second time it ends at once. Exit codes are those of a shell, 130 and 143.
 */
export function endOnSignals(first: Pick<NodeJS.Process, 'on' | 'listenerCount' | 'exit'>): void {
  for (const name of ENDING)
    first.on(name, () => {
      if (first.listenerCount(name) === 1) first.exit(128 + constants.signals[name]);
    });
}
