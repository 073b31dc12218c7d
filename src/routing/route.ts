import type { Place } from '../incident/incident.ts';
import type { QuietHours } from './quiet-hours.ts';

/** What a route goes by: where something fails, and what the pod says of itself. */
export interface RouteSubject {
  readonly cluster: string;
  readonly namespace: string;
  /** `Deployment/web`. */
  readonly workload: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Where something is told that nobody asked for. */
export interface Destination {
  readonly place: Place;
  /** The chat's ids of people and groups who are mentioned when it is told first. */
  readonly mention?: readonly string[] | undefined;
  /** When it is not told yet. */
  readonly quietHours?: QuietHours | undefined;
}

/** Chooses where an incident is told that nobody asked for; undefined where nobody is told. */
export type Route = (about: RouteSubject) => Destination | undefined;
