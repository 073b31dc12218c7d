import { asCodedError } from '../../errors.ts';
import type { Log } from '../../telemetry/log.ts';
import { endsWithin } from '../../timing/deadline.ts';

/** How long running tasks may take to end before they are handed back, ms. */
export const WORKER_MS = 17_000;
/** How long each part may take to close, ms: one after the other less than the 28 s after which the process ends anyway. What takes is closed at once. */
export const CLOSE_MS = { taking: 3_500, worker: WORKER_MS + 4_500, other: 500 } as const;

/** A part to close. What is not closed in time is left as it is: it must not keep the others open. */
interface Closer {
  readonly what: string;
  readonly limitMs: number;
  readonly close: () => Promise<unknown>;
}

/** What has to be closed when a service stops, in its order. */
export interface Closing {
  /** Notes a part that takes what is new: these are closed first, all at once. */
  takes(closer: Closer): void;
  /** Notes a part that others need: the last one noted is closed first. */
  works(closer: Closer): void;
  /** Does something again and again until the service stops; that it failed is logged. Answers with what does it once. */
  repeat(what: string, everyMs: number, work: () => Promise<void>): () => Promise<void>;
  /** First what takes, then what works, which hands back, and last what both need. Never throws. */
  stop(): Promise<void>;
}

export function createClosing(log: Log): Closing {
  const taking: Closer[] = [];
  const working: Closer[] = [];

  async function closeOne({ what, limitMs, close }: Closer): Promise<void> {
    const closed = close().catch((cause: unknown) => log.error('could not be closed', { what, because: asCodedError(cause).message }));
    if (!(await endsWithin(limitMs, closed))) log.warn('was not closed in time', { what, limitMs });
  }

  return {
    takes: (closer) => void taking.push(closer),
    works: (closer) => void working.push(closer),
    repeat(what, everyMs, work) {
      const once = () => work().catch((cause: unknown) => log.warn(`${what} failed`, { because: asCodedError(cause).message }));
      const timer = setInterval(() => void once(), everyMs);
      taking.push({ what, limitMs: CLOSE_MS.taking, close: async () => clearInterval(timer) });
      return once;
    },
    async stop() {
      await Promise.all(taking.map(closeOne));
      for (const closer of working.toReversed()) await closeOne(closer);
    },
  };
}
