import type { EndpointProber } from './registry.ts';
/** Placeholder until the real prober is in the tree. */
export function createSocketProber(options: { allowLoopback: boolean }): EndpointProber {
  return { probe: async () => { throw new Error(String(options)); } };
}
