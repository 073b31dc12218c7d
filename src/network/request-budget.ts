/** A request that was not sent. */
export interface OverBudget {
  readonly kind: 'over-budget';
  readonly because: string;
}

/** Keeps the program from becoming a registry's problem: so many requests a minute and so many at once, per host. */
export interface RequestBudget {
  /** Runs a request when its turn comes, or says why it is not sent: the minute's budget is used up. */
  within<T>(host: string, request: () => Promise<T>): Promise<T | OverBudget>;
  /** Counts a request that a redirect caused. */
  charge(host: string): void;
}

const MINUTE_MS = 60_000;
const MAX_HOSTS = 1_000;

/** A budget that holds for this process. */
export function createRequestBudget(limits: {
  readonly perMinute: number;
  readonly atOnce: number;
  readonly now: () => number;
}): RequestBudget {
  const { perMinute, atOnce, now } = limits;
  const hosts = new Map<string, { readonly times: number[]; running: number; readonly waiting: (() => void)[] }>();

  function stateOf(host: string) {
    // Only hosts that were left alone for a minute are forgotten.
    if (hosts.size >= MAX_HOSTS)
      for (const [name, idle] of hosts) if (idle.running === 0 && now() - (idle.times.at(-1) ?? 0) >= MINUTE_MS) hosts.delete(name);
    const state = hosts.get(host) ?? { times: [], running: 0, waiting: [] };
    hosts.set(host, state);
    return state;
  }

  return {
    charge: (host) => void stateOf(host).times.push(now()),
    async within(host, request) {
      const state = stateOf(host);
      while (state.times[0] !== undefined && now() - state.times[0] >= MINUTE_MS) state.times.shift();
      if (state.times.length >= perMinute)
        return { kind: 'over-budget', because: `${host} was sent ${perMinute} requests within a minute, which is as many as it is asked` };
      state.times.push(now());
      if (state.running >= atOnce) await new Promise<void>((go) => state.waiting.push(go));
      state.running += 1;
      try {
        return await request();
      } finally {
        state.running -= 1;
        state.waiting.shift()?.();
      }
    },
  };
}
