import { parseArgs } from 'node:util';
import { CodedError } from '../errors.ts';
import { type NodeTask, readTask } from './task.ts';

/** The task that a command line asks for, where nothing but the words is there. Throws `usage/node`. */
export function readArguments(words: readonly string[]): NodeTask {
  const { values, positionals } = parsed(words);
  const { 'host-root': hostRoot, 'allow-loopback': allowLoopback, ...others } = values;
  return readTask(positionals, {
    ...others,
    ...(hostRoot === undefined ? {} : { hostRoot }),
    ...(allowLoopback === undefined ? {} : { allowLoopback }),
  });
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        socket: { type: 'string' },
        'host-root': { type: 'string' },
        deadline: { type: 'string' },
        login: { type: 'string' },
        keep: { type: 'boolean' },
        'allow-loopback': { type: 'boolean' },
        plan: { type: 'string' },
      },
    });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new CodedError('usage/node', cause.message, { cause });
  }
}
