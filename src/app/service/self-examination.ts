import { isDeepStrictEqual } from 'node:util';
import { nameOf } from '../../doctor/check.ts';
import { type Examined, examinedOf } from '../../doctor/examined.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Environment } from '../config/secret-files.ts';
import type { Config } from '../config.ts';
import { examine } from '../doctor/doctor.ts';

/** How a process examines what it rests on, as `imagepull doctor` does. */
export interface SelfExamination {
  /** What it found last; undefined until then. */
  last(): Examined | undefined;
  /** Makes the checks that ask nobody but Slack, Redis and the API server, and logs what was not so before. Never throws for what is outside. */
  look(): Promise<void>;
  /** Makes all checks; who asks while it is at it gets the same answer. */
  lookAtAll(): Promise<Examined>;
  /** Ends what is under way. */
  stop(): void;
}

/** How often it looks again, ms: often enough for somebody who has just mended something, and seldom enough for the API server. */
export const LOOK_MS = 5 * 60_000;
/** Kubelets and registries are asked only by somebody who wants to know. At the start others may be starting, too. */
const LEFT_OUT = ['kubelet', 'registries', 'replicas'];

export function createSelfExamination(
  config: Config,
  { log, now, environment }: { readonly log: Log; readonly now: () => Date; readonly environment: Environment },
): SelfExamination {
  const ending = new AbortController();
  let last: Examined | undefined;
  let all: Promise<Examined> | undefined;

  async function examined(leaveOut: readonly string[]): Promise<Examined> {
    const checked = await examine(() => config, { now, environment, signal: ending.signal, leaveOut });
    return examinedOf(checked, now());
  }

  return {
    last: () => last,
    async look() {
      const found = await examined(LEFT_OUT);
      if (ending.signal.aborted) return;
      const before = last;
      last = found;
      if (!before || !isDeepStrictEqual(before.wrong, found.wrong)) tell(found, log);
    },
    lookAtAll() {
      all ??= examined([]).finally(() => {
        all = undefined;
      });
      return all;
    },
    stop: () => ending.abort(),
  };
}

function tell({ made, wrong }: Examined, log: Log): void {
  for (const { id, about, status, says, hint } of wrong)
    log.warn('the doctor found something', { check: id, cluster: about, status, because: says, hint, page: `docs/doctor.md#${id}` });
  log.info('examined', { made, wrong: wrong.map(nameOf) });
}
