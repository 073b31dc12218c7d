import { CodedError } from '../../errors.ts';
import { isNamespaceName, isObjectName } from '../../facts/kubernetes/kubernetes-name.ts';
import type { Alert, AlertReading, Location } from '../alert.ts';
import { workloadKindOf } from '../location-of-labels.ts';
import { scalarText } from './fields.ts';
import { type JsonPath, valuesAt } from './json-path.ts';
import { MAX_ALERTS, makeAlert } from './make-alert.ts';
import { Mapping } from './mapping.ts';

/**
 * The body that `generic` reads where no mapping is configured, for senders that can be told what to send: one alert, or several in `alerts`.
 * Everything may be left out, but without a name, labels or text nothing can be found:
 *
 *     {"status": "firing", "id": "4711", "name": "PullFails", "startsAt": "2026-11-27T08:00:00Z",
 *      "labels": {"cluster": "prod", "namespace": "shop", "pod": "web-0"}, "text": "web-0 cannot pull its image"}
 *
 * `status` is `resolved` (or ok, clear, closed, recovered) when it ended; `labels` are spelt in any usual way.
 */
const OWN_FORMAT = Mapping.parse({
  alerts: '$.alerts[*]',
  status: { path: '@.status', resolved: ['resolved', 'ok', 'clear', 'closed', 'recovered'] },
  id: '@.id',
  group: ['@.group', '$.group'],
  name: '@.name',
  startsAt: '@.startsAt',
  labels: '@.labels',
  text: '@.text',
});

/** What one body holds: the body, and one alert of it. */
interface Given {
  readonly body: unknown;
  readonly alert: unknown;
  /** What paths from the body lead to, which is the same for each alert. */
  readonly ofBody: Map<JsonPath, readonly unknown[]>;
}

/**
 * Reads alerts as a mapping says where they are. Alerts that cannot be read are named in `problems`. Throws `alert/unreadable` where the
 * body is no object and no list.
 */
export function readGeneric(body: unknown, source: string, mapping: Mapping = OWN_FORMAT): AlertReading {
  if (typeof body !== 'object' || body === null) throw new CodedError('alert/unreadable', 'The body is not a JSON object.');
  const ofBody: Given['ofBody'] = new Map();
  const found = (mapping.alerts ?? []).flatMap((path) => valuesAt(path, { body, alert: body }));
  const entries = found.length > 0 ? found : Array.isArray(body) ? (body as readonly unknown[]) : [body];
  const alerts: Alert[] = [];
  const problems: string[] = [];
  let ignored = 0;
  for (const [at, alert] of entries.slice(0, MAX_ALERTS).entries()) {
    const status = statusOf(mapping, { body, alert, ofBody });
    if (typeof alert !== 'object' || alert === null || Array.isArray(alert)) problems.push(`alert ${at} is not an object`);
    else if (status === undefined) ignored++;
    else {
      const read = alertOf({ source, status, mapping, given: { body, alert, ofBody } });
      if (read) alerts.push(read);
      else problems.push(`alert ${at} has no name, no labels and no text where the mapping looks for them`);
    }
  }
  return { alerts, problems, leftOut: Math.max(0, entries.length - MAX_ALERTS), ignored };
}

function alertOf(from: { source: string; status: Alert['status']; mapping: Mapping; given: Given }): Alert | undefined {
  const { source, status, mapping, given } = from;
  const name = firstText(mapping.name, given);
  const labels = Object.fromEntries(values(mapping.labels, given).flatMap(labelsOf).toReversed());
  const text = values(mapping.text, given)
    .map((value) => wordsOf(value, 0))
    .filter((words) => words !== '')
    .join('\n');
  const location = locationOf(mapping, given);
  if (name === undefined && text === '' && Object.keys(labels).length === 0 && Object.keys(location).length === 0) return undefined;
  const id = values(mapping.id, given).flatMap((value) => scalarText(value) ?? []);
  return makeAlert({
    source,
    status,
    id: id.join('/'),
    group: firstText(mapping.group, given),
    name,
    startsAt: values(mapping.startsAt, given).find((value) => scalarText(value) !== undefined),
    labels,
    text,
    location,
  });
}

/** Undefined for what says neither that something began nor that it ended. Without a status it fires. */
function statusOf({ status }: Mapping, given: Given): Alert['status'] | undefined {
  const word = firstText(status?.path, given)?.trim().toLowerCase();
  if (!status || word === undefined) return 'firing';
  const among = (words: readonly string[]) => words.some((known) => known.toLowerCase() === word);
  if (among(status.resolved)) return 'resolved';
  return !status.firing || among(status.firing) ? 'firing' : undefined;
}

function locationOf(mapping: Mapping, given: Given): Location {
  const cluster = firstText(mapping.cluster, given);
  const namespace = firstText(mapping.namespace, given, isNamespaceName);
  const pod = firstText(mapping.pod, given, isObjectName);
  const container = firstText(mapping.container, given, isNamespaceName);
  const node = firstText(mapping.node, given, isObjectName);
  const kind = workloadKindOf(firstText(mapping.workload?.kind, given) ?? '');
  const name = firstText(mapping.workload?.name, given, isObjectName);
  return {
    ...(cluster === undefined ? {} : { cluster: cluster.slice(0, 100) }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(pod === undefined ? {} : { pod }),
    ...(container === undefined ? {} : { container }),
    ...(node === undefined ? {} : { node }),
    ...(kind && name !== undefined ? { workload: { kind, name } } : {}),
  };
}

function values(paths: readonly JsonPath[] | undefined, given: Given): readonly unknown[] {
  return (paths ?? []).flatMap((path) => {
    const found = (path.from === 'body' ? given.ofBody.get(path) : undefined) ?? valuesAt(path, given).slice(0, MAX_MEMBERS);
    if (path.from === 'body') given.ofBody.set(path, found);
    return found;
  });
}

function firstText(paths: readonly JsonPath[] | undefined, given: Given, fits = (text: string) => text !== ''): string | undefined {
  return values(paths, given)
    .flatMap((value) => scalarText(value)?.trim() ?? [])
    .find(fits);
}

/** Of each list, object and path. */
const MAX_MEMBERS = 200;
const DEEPEST = 6;
const MAX_WORDS = 20_000;

/** A text, or an object as lines of `key: value`, as which labels are found in it. */
function wordsOf(value: unknown, depth: number): string {
  const text = scalarText(value);
  if (text !== undefined) return text.slice(0, MAX_WORDS);
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return '';
  return Object.entries(value)
    .slice(0, MAX_MEMBERS)
    .map(([key, inner]) => {
      const words = wordsOf(inner, depth + 1);
      return words === '' || Array.isArray(value) ? words : scalarText(inner) === undefined ? words : `${key}: ${words}`;
    })
    .filter((line) => line !== '')
    .join('\n')
    .slice(0, MAX_WORDS);
}

/** Labels in whatever form: an object, `key:value` with commas, a list of either or of `{name, value}`. */
function labelsOf(value: unknown): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return value.slice(0, MAX_WORDS).split(',').flatMap(pairOf);
  if (Array.isArray(value))
    return (value as readonly unknown[]).slice(0, MAX_MEMBERS).flatMap((item) => (typeof item === 'string' ? pairOf(item) : namedOf(item)));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .slice(0, 10 * MAX_MEMBERS)
    .flatMap(([key, inner]) => {
      const text = scalarText(inner);
      return text === undefined ? [] : [[key, text] as const];
    });
}

function pairOf(text: string): readonly (readonly [string, string])[] {
  const at = text.search(/[:=]/);
  return at < 1 ? [] : [[text.slice(0, at).trim(), text.slice(at + 1).trim()]];
}

function namedOf(item: unknown): readonly (readonly [string, string])[] {
  if (typeof item !== 'object' || item === null) return [];
  const { name, key, label, value } = item as Readonly<Record<'name' | 'key' | 'label' | 'value', unknown>>;
  const [called, text] = [scalarText(name ?? key ?? label), scalarText(value)];
  return called === undefined || text === undefined ? [] : [[called, text]];
}
