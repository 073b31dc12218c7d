import { redact } from '../../facts/redaction.ts';
import { shortened } from '../../text/wording.ts';
import type { Alert, Location } from '../alert.ts';
import { locationsInText } from '../location-in-text.ts';
import { locationOfLabels } from '../location-of-labels.ts';

/** Most alerts that are read of one body. */
export const MAX_ALERTS = 10_000;
/** Most labels that are kept of one alert; where it points is read of all. */
const MAX_LABELS = 64;
const MAX_CHARACTERS = { id: 300, group: 1000, name: 200, label: 500, text: 4000 } as const;

/** What a sender said of one alert, before it is cut and redacted. */
export interface AlertParts {
  readonly source: string;
  readonly status: Alert['status'];
  readonly id?: string | undefined;
  readonly group?: string | undefined;
  readonly name?: string | undefined;
  /** RFC 3339, or seconds or milliseconds since 1970. */
  readonly startsAt?: unknown;
  readonly labels: Readonly<Record<string, string>>;
  readonly text: string;
  /** Where it points, if the sender says so outside of labels; wins over them. */
  readonly location?: Location;
}

/** Makes an alert of what a sender said: reads where it points, cuts what is too long, redacts. Never throws. */
export function makeAlert(parts: AlertParts): Alert {
  const { source, status, labels } = parts;
  const text = cut(parts.text, MAX_CHARACTERS.text);
  const location = withoutSecrets(locationOf({ ...locationOfLabels(labels), ...parts.location }, parts.text));
  const name = cut(parts.name?.trim() || 'unnamed alert', MAX_CHARACTERS.name);
  const id = parts.id?.trim() ? parts.id.trim() : madeId(name, location, text);
  const startsAt = timeOf(parts.startsAt);
  return {
    source,
    status,
    id: shortened(redact(id), MAX_CHARACTERS.id),
    ...(parts.group ? { group: shortened(redact(parts.group), MAX_CHARACTERS.group) } : {}),
    name,
    ...(startsAt === undefined ? {} : { startsAt }),
    location,
    labels: Object.fromEntries(
      Object.entries(labels)
        .slice(0, MAX_LABELS)
        .map(([key, value]) => [shortened(key, MAX_CHARACTERS.name), cut(value, MAX_CHARACTERS.label)]),
    ),
    text,
  };
}

/** Redacted before it is cut, so that no secret loses the part by which it is known. */
function cut(text: string, most: number): string {
  return shortened(redact(text.slice(0, 4 * most)), most);
}

/** Labels are surer than words; words fill in what is missing, of the same namespace and pod. Reads more than is kept. */
function locationOf(labelled: Location, text: string): Location {
  const { namespace, pod, workload } = labelled;
  if (namespace !== undefined && (pod !== undefined || workload)) return labelled;
  const told = locationsInText(text, namespace).find(
    (location) =>
      (namespace === undefined || namespace === location.namespace) &&
      (pod === undefined || pod === location.pod) &&
      (workload === undefined || workload.name === location.workload?.name),
  );
  return { ...told, ...labelled };
}

/** A cluster may have any name; the others have the form of a name in Kubernetes. */
function withoutSecrets(location: Location): Location {
  return location.cluster === undefined ? location : { ...location, cluster: redact(location.cluster) };
}

function madeId(name: string, { cluster, namespace, pod, container, workload, node }: Location, text: string): string {
  const where = [cluster, namespace, workload?.kind, workload?.name, pod, container, node].filter((part) => part !== undefined);
  const words = text.slice(0, 100);
  return [name, ...(where.length > 0 ? where : words === '' ? [] : [words])].join('/');
}

/** Beyond this number of seconds since 1970 a number means milliseconds. */
const MAX_SECONDS = 100_000_000_000;
/** The end of the year 9999. */
const LAST = 253_402_300_799_999;

/** RFC 3339 in UTC. Senders write the year 1 for never. */
function timeOf(value: unknown): string | undefined {
  const ms = millisecondsOf(value);
  return Number.isFinite(ms) && ms > 0 && ms <= LAST ? new Date(ms).toISOString() : undefined;
}

function millisecondsOf(value: unknown): number {
  if (typeof value === 'number') return value < MAX_SECONDS ? value * 1000 : value;
  if (typeof value !== 'string' || value.length > 40) return Number.NaN;
  if (/^[0-9]{1,16}$/.test(value)) return millisecondsOf(Number(value));
  return /^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]/.test(value) ? Date.parse(value) : Number.NaN;
}
