import type { Sighting } from '../../detection/sighting.ts';
import type { Incident } from '../../incident/incident.ts';
import { quietUntil } from '../../routing/quiet-hours.ts';
import type { Trigger } from '../../runbook/run.ts';
import { type DetectionParts, EVERYONE } from './parts.ts';

/** The incident that begins with a sighting, without anybody asking: known to everybody, told where its route leads. */
export function incidentByItself(
  first: Sighting,
  what: Pick<Incident, 'identity' | 'aliases' | 'overflow'>,
  { route, now, newId }: Pick<DetectionParts, 'route' | 'now' | 'newId'>,
): Incident {
  const { cluster, namespace, pod, workload, since } = first;
  const at = now();
  // Who posted an alert in a chat has chosen the place, and the time.
  const { place, mention = [], quietHours } = first.place === undefined ? (route(first) ?? {}) : { place: first.place };
  const heldUntil = quietHours && quietUntil(quietHours, at);
  return {
    id: newId(),
    revision: 0,
    places: place === undefined ? [] : [place],
    audience: EVERYONE,
    cluster,
    namespace,
    pod,
    workload,
    openedAt: at.toISOString(),
    since,
    trigger: triggerOf(first),
    ...(heldUntil === undefined ? {} : { heldUntil: heldUntil.toISOString() }),
    ...(mention.length === 0 || what.overflow ? {} : { mention: [...mention] }),
    ...what,
    life: { status: 'open' },
  };
}

/** What begins because of a sighting; the sweep is a part of the watch. */
export function triggerOf({ seenBy, source }: Sighting): Trigger {
  return seenBy === 'alert' ? { kind: 'alert', source: source ?? '' } : { kind: 'watch' };
}
