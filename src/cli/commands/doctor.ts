import { configFile } from '../../app/config/file.ts';
import { secretsInFiles } from '../../app/config/secret-files.ts';
import { PROXIES } from '../../app/config/variables.ts';
import { readConfig } from '../../app/config.ts';
import { examine } from '../../app/doctor/doctor.ts';
import { isBroken } from '../../doctor/check.ts';
import { doctorDocument } from '../../doctor/doctor-document.ts';
import { doctorText } from '../../doctor/doctor-text.ts';
import { CodedError } from '../../errors.ts';
import { readableWidth } from '../../report/layout.ts';
import { pause } from '../../timing/pause.ts';
import { paintFor, print, widthOf } from '../output.ts';

export interface DoctorOptions {
  readonly config?: string;
  readonly roles?: string;
  readonly clusters?: string;
  readonly output: 'text' | 'json';
  readonly wait?: string;
}

/** Between two examinations, ms. */
const AGAIN_MS = 3_000;
const MAX_WAIT_MS = 3_600_000;

/** `imagepull doctor`: exit code 1 where something is broken or somebody ended it, 0 else. With `--wait` it examines again until nothing is, or the time is over. Throws `usage/doctor`. */
export async function doctorCommand({ config: file, roles, clusters, output, wait }: DoctorOptions): Promise<void> {
  const until = performance.now() + waitMs(wait);
  const now = () => new Date();
  // Read again with each examination, a proxy that came from its file is not set twice.
  const environment = { ...process.env };
  const ending = new AbortController();
  const end = () => ending.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const read = () => {
      // As for serve: whatever connects reads the proxies there.
      Object.assign(process.env, secretsInFiles(environment, PROXIES));
      return readConfig({ file: configFile(file), environment: process.env, roles, clusters });
    };
    let checked = await examine(read, { now, environment: process.env, signal: ending.signal });
    while (isBroken(checked) && performance.now() < until && !ending.signal.aborted) {
      await pause(AGAIN_MS, ending.signal);
      checked = await examine(read, { now, environment: process.env, signal: ending.signal });
    }
    const text = { paint: paintFor(process.stdout), width: readableWidth(widthOf(process.stdout)) };
    await print(output === 'json' ? `${JSON.stringify(doctorDocument(checked, now()), null, 2)}\n` : doctorText(checked, text));
    if (isBroken(checked) || ending.signal.aborted) process.exitCode = 1;
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  }
}

/** `90s` or `5m`, in milliseconds. */
function waitMs(text: string | undefined): number {
  if (text === undefined) return 0;
  const [, digits, unit] = /^([1-9][0-9]{0,3})(s|m)$/.exec(text) ?? [];
  const ms = Number(digits) * (unit === 'm' ? 60_000 : 1_000);
  if (digits === undefined || ms > MAX_WAIT_MS)
    throw new CodedError('usage/doctor', 'Write --wait as a time such as 90s or 5m, of an hour at most.');
  return ms;
}
