import { CHANNEL_MARK } from '../facts/kubernetes/kubernetes-object.ts';
import { matchesAny } from '../text/pattern.ts';
import type { QuietHours } from './quiet-hours.ts';
import type { Route, RouteSubject } from './route.ts';

/** One row of the configuration: what fails here is told there. Everything that a row leaves out fits anything. */
export interface ChannelRoute {
  /** Names or patterns with `*`. */
  readonly clusters: readonly string[];
  /** Names or patterns with `*`. */
  readonly namespaces: readonly string[];
  /** Labels of the pod, all of which have to have these values. */
  readonly labels: Readonly<Record<string, string>>;
  /** The chat's id of the channel. */
  readonly channel: string;
  /** The chat's ids of people and groups. */
  readonly mention?: readonly string[] | undefined;
  /** Absent: those of all channels. */
  readonly quietHours?: QuietHours | 'off' | undefined;
}

/** Which channels there are. */
export interface ChannelRoutes {
  /** Where is told what no row fits; absent: nowhere. */
  readonly default?: string | undefined;
  /** Who is mentioned there. */
  readonly mention?: readonly string[] | undefined;
  /** When nothing is told that no row exempts. */
  readonly quietHours?: QuietHours | undefined;
  /** The first that fits wins. */
  readonly routes: readonly ChannelRoute[];
}

/**
 * Chooses by the rows of the configuration. An annotation comes before their order, but it chooses only among the channels of rows for the
 * pod's own cluster and namespace: whoever may create pods must not reach the channels of others with it.
 */
export function routeByRows(given: ChannelRoutes): Route {
  return (about) => {
    const here = given.routes.filter((row) => matchesAny(about.cluster, row.clusters) && matchesAny(about.namespace, row.namespaces));
    const named = own(about.annotations, CHANNEL_MARK);
    const row = here.find(({ channel }) => channel === named) ?? here.find(({ labels }) => hasLabels(about, labels));
    const channel = row?.channel ?? given.default;
    if (channel === undefined) return undefined;
    const { mention, quietHours = given.quietHours } = row ?? given;
    return { place: { channel }, mention, ...(quietHours === undefined || quietHours === 'off' ? {} : { quietHours }) };
  };
}

function hasLabels({ labels }: RouteSubject, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => own(labels, key) === value);
}

/** Keys come from pods, so that `constructor` is one like others. */
function own(record: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
