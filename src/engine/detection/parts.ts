import type { Incident } from '../../incident/incident.ts';
import type { TaskQueue } from '../../queue/task-queue.ts';
import type { Route } from '../../routing/route.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';

/** How much may begin that nobody asked for. */
export interface DetectionLimits {
  /** Incidents of one namespace that are open at the same time. */
  readonly openPerNamespace: number;
  /** Incidents of one namespace that are opened within an hour. */
  readonly perHour: number;
  /** Runs of one cluster at the same time. */
  readonly runsAtOnce: number;
}

/** What making incidents of sightings needs. */
export interface DetectionParts {
  readonly store: Store;
  readonly queue: TaskQueue;
  /** Where an incident is told that nobody asked for. */
  readonly route: Route;
  readonly limits: DetectionLimits;
  readonly log: Log;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Who may know of an incident that nobody asked for. */
export const EVERYONE = { kind: 'everyone' } as const;

/** Incidents in turns of their namespaces: one that has many does not come before one that has few. */
export function fairly(incidents: readonly Incident[]): readonly Incident[] {
  const seen = new Map<string, number>();
  return incidents
    .map((incident) => {
      const turn = seen.get(incident.namespace) ?? 0;
      seen.set(incident.namespace, turn + 1);
      return { incident, turn };
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ incident }) => incident);
}
