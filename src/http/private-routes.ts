import type { Checkable, Health } from '../health.ts';
import type { HttpAnswer, HttpRoute } from './handler.ts';
import { healthWithin, latestHealth } from './latest-health.ts';

/** What the private listener tells. */
export interface PrivateParts {
  /** The parts without which this process can do nothing, by name. */
  readonly needed: Readonly<Record<string, Checkable>>;
  /** The parts without which it can do less, by name; they may come to be known after the listener is open. */
  readonly useful: () => Readonly<Record<string, Checkable>>;
  /** True once it serves, until it stops. */
  readonly isServing: () => boolean;
  /** What a restart would mend, a sentence; undefined where it would mend nothing. */
  readonly mendedByRestart: () => Promise<string | undefined>;
  readonly figures: { readonly contentType: string; text(): Promise<string> };
}

/** What `/readyz` says. Degraded counts as ready: taking the process out of a Service mends nothing. */
type Readiness = 'ready' | 'degraded' | 'ill' | 'not serving';

/** For Kubernetes and Prometheus: nothing here is secret, and nothing of it is for people outside. */
export function privateRoutes(parts: PrivateParts): readonly HttpRoute[] {
  const readiness = createReadiness(parts);
  return [
    { methods: ['GET'], path: '/healthz', handle: () => liveness(parts) },
    { methods: ['GET'], path: '/readyz', handle: readiness },
    {
      methods: ['GET'],
      path: '/metrics',
      handle: async () => ({ status: 200, body: await parts.figures.text(), headers: { 'content-type': parts.figures.contentType } }),
    },
  ];
}

/** Restarting mends nothing that is wrong outside, so hardly anything counts; a process that is stuck does not answer at all. */
async function liveness({ mendedByRestart }: PrivateParts): Promise<HttpAnswer> {
  const says = await mendedByRestart();
  return says === undefined ? { status: 200, body: { status: 'well' } } : { status: 503, body: { status: 'dead', says } };
}

function createReadiness({ needed, useful, isServing }: PrivateParts): () => Promise<HttpAnswer> {
  const latest = new Map<string, ReturnType<typeof latestHealth>>();

  async function usefulHealths(): Promise<readonly (readonly [string, Health])[]> {
    const healths = Object.entries(useful()).map(async ([name, part]) => {
      const ask = latest.get(name) ?? latestHealth(name, part);
      latest.set(name, ask);
      const health = await ask();
      return health === undefined ? [] : [[name, health] as const];
    });
    return (await Promise.all(healths)).flat();
  }

  return async () => {
    const [must, may] = await Promise.all([
      Promise.all(Object.entries(needed).map(async ([name, part]) => [name, await healthWithin(name, part)] as const)),
      usefulHealths(),
    ]);
    const status = readinessOf({ isServing: isServing(), must: must.map(wellness), may: may.map(wellness) });
    return {
      status: status === 'ready' || status === 'degraded' ? 200 : 503,
      body: { status, parts: Object.fromEntries([...must, ...may]) },
    };
  };
}

function wellness([, { status }]: readonly [string, Health]): boolean {
  return status === 'well';
}

function readinessOf(given: {
  readonly isServing: boolean;
  readonly must: readonly boolean[];
  readonly may: readonly boolean[];
}): Readiness {
  if (!given.isServing) return 'not serving';
  if (!given.must.every(Boolean)) return 'ill';
  return given.may.every(Boolean) ? 'ready' : 'degraded';
}
