import type { Checkable, Health } from '../health.ts';
import { deadline } from '../timing/deadline.ts';
import type { HttpAnswer, HttpRoute } from './handler.ts';

/** What the private listener tells. */
export interface PrivateParts {
  /** The parts without which this process cannot do its work, by name. */
  readonly parts: Readonly<Record<string, Checkable>>;
  /** True once it serves, until it stops. */
  readonly isServing: () => boolean;
  readonly figures: { readonly contentType: string; text(): Promise<string> };
}

/** A part that says nothing for so long is ill, ms. */
const CHECK_MS = 2_000;

/** For Kubernetes and Prometheus: nothing here is secret, and nothing of it is for people outside. */
export function privateRoutes({ parts, isServing, figures }: PrivateParts): readonly HttpRoute[] {
  return [
    // Restarting mends nothing that is wrong outside, so only this process counts.
    { methods: ['GET'], path: '/healthz', handle: async () => ({ status: 200, body: { status: 'well' } }) },
    { methods: ['GET'], path: '/readyz', handle: () => readiness(parts, isServing()) },
    {
      methods: ['GET'],
      path: '/metrics',
      handle: async () => ({ status: 200, body: await figures.text(), headers: { 'content-type': figures.contentType } }),
    },
  ];
}

async function readiness(parts: PrivateParts['parts'], isServing: boolean): Promise<HttpAnswer> {
  const healths = await Promise.all(
    Object.entries(parts).map(async ([name, part]): Promise<readonly [string, Health]> => [name, await healthWithin(name, part)]),
  );
  const isReady = isServing && healths.every(([, { status }]) => status === 'well');
  return {
    status: isReady ? 200 : 503,
    body: { status: isReady ? 'ready' : isServing ? 'ill' : 'not serving', parts: Object.fromEntries(healths) },
  };
}

async function healthWithin(name: string, part: Checkable): Promise<Health> {
  const late = new Error('late');
  try {
    return await deadline({ ms: CHECK_MS, error: () => late }, (signal) => part.check(signal));
  } catch (cause) {
    if (cause !== late) throw cause;
    return { status: 'ill', says: `${name} did not say how it is within ${CHECK_MS / 1000} s.` };
  }
}
