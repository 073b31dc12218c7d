import { listPullFailures } from './list-pull-failures.ts';
import { readPullEvents } from './read-pull-events.ts';
import type { Probe } from './step.ts';

/** Every probe a runbook may use, by the name it uses. */
export const PROBES: Readonly<Record<string, Probe>> = {
  'list-pull-failures': listPullFailures,
  'read-pull-events': readPullEvents,
};
