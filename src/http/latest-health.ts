import type { Checkable, Health } from '../health.ts';
import { deadline, endsWithin } from '../timing/deadline.ts';

/** How a part was, and when it was asked. */
export interface DatedHealth extends Health {
  /** RFC 3339. */
  readonly asked: string;
}

/** A part that says nothing for so long is ill, ms. */
const CHECK_MS = 2_000;
/** So old may be what is known of a part before it is asked anew, ms. */
const KNOWN_MS = 5_000;
/** So long an answer waits for it; kubelets give up after one second, ms. */
const WAIT_MS = 500;

/** Asks a part how it is, and waits no longer than the limit. */
export async function healthWithin(name: string, part: Checkable): Promise<Health> {
  const late = new Error('late');
  try {
    return await deadline({ ms: CHECK_MS, error: () => late }, (signal) => part.check(signal));
  } catch (cause) {
    if (cause !== late) throw cause;
    return { status: 'ill', says: `${name} did not say how it is within ${CHECK_MS / 1000} s.` };
  }
}

/** What is known of a part that must hold up no answer: it is asked now and then, and what it said last counts until it answers again. */
export function latestHealth(name: string, part: Checkable, now: () => Date = () => new Date()): () => Promise<DatedHealth | undefined> {
  let known: DatedHealth | undefined;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    const asked = now().toISOString();
    known = { ...(await healthWithin(name, part)), asked };
  }

  return async () => {
    if (known === undefined || now().getTime() - Date.parse(known.asked) >= KNOWN_MS) {
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      await endsWithin(WAIT_MS, asking);
    }
    return known;
  };
}
