import type { Sighting } from '../../detection/sighting.ts';
import type { Trigger } from '../../runbook/run.ts';

/** What begins because of a sighting; the sweep is a part of the watch. */
export function triggerOf({ seenBy, source }: Sighting): Trigger {
  return seenBy === 'alert' ? { kind: 'alert', source: source ?? '' } : { kind: 'watch' };
}
