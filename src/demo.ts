import { constants } from 'node:os';
import { PROXIES } from './app/config/variables.ts';
import { failureOf } from './cli/failure.ts';
import { print } from './cli/output.ts';
import { createDemo, DEMO } from './demo/player/command.ts';

// `npm run demo`, a program of its own: nothing of it is in the distribution. All that it talks to is on loopback, so no proxy is asked but for a
// cluster of the reader's own.
if (!process.argv.some((word) => word.startsWith('--cluster'))) for (const name of PROXIES) delete process.env[name];

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort(128 + constants.signals[name]));

const help: string[] = [];
try {
  await createDemo((text) => help.push(text), stopping.signal).parseAsync();
} catch (cause) {
  const { exitCode, says } = stopping.signal.aborted
    ? { exitCode: Number(stopping.signal.reason), says: '' }
    : failureOf(cause, 'demo', DEMO);
  process.stderr.write(says);
  process.exitCode = exitCode;
}
if (help.length > 0) await print(help.join(''));
// Whatever a client keeps open for a while has nothing more to do.
process.exit();
