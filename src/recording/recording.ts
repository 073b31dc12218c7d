import { z } from 'zod';
import { asCodedError, CodedError } from '../errors.ts';
import { Controller, Event, lastSeen, Node, Owner, Pod, Secret, ServiceAccount } from '../facts/kubernetes/kubernetes-object.ts';
import { redactDeep } from '../facts/redaction.ts';
import { list, sentence } from '../text/wording.ts';
import { jsonText } from './json-text.ts';
import { cutDown, RecordedAnswer } from './recorded-answers.ts';
import { createPasswordNumbers, secretSkeleton } from './secret-skeleton.ts';

/** The newest layout of a recording that this program writes and reads. */
const RECORDING_VERSION = 2;

/** Somebody else may have made the recording, so it names no folder far away. */
const SHARED = /^(?:\.\/|(?:\.\.\/){1,3})[A-Za-z0-9_-][A-Za-z0-9._-]{0,80}(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,80}){0,5}$/;

const Header = z.object({
  version: z.int().positive(),
  /** RFC 3339: what "now" is when the recording is replayed. */
  capturedAt: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time like 2026-01-31T12:00:00Z'),
  cluster: z.string(),
  namespace: z.string(),
  pod: z.string(),
  /** False when the cluster had more pods than the recording. */
  podsComplete: z.boolean().default(true),
  /** Folders with more pods, nodes and answers, which several recordings have in common; relative to the recording's own. */
  shared: z.array(z.string().max(300).regex(SHARED, 'must be a path like ../worlds/node-1, at most three folders up')).max(10).default([]),
});

/** What cluster, kubelet and registry answered about one pod, cut down and redacted: enough to run the diagnosis again. */
export interface Recording {
  readonly capturedAt: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
  readonly podObject: Pod;
  readonly events: readonly Event[];
  /** Other pods that were looked at; not all there were when `podsComplete` is false. */
  readonly pods: readonly Pod[];
  readonly podsComplete: boolean;
  /** Jobs and other owners that were read. */
  readonly owners: readonly Owner[];
  /** Workloads that were asked for by name. */
  readonly controllers?: readonly Controller[] | undefined;
  /** These are undefined in recordings that were made without them; then nobody knows whether the object existed. */
  readonly serviceAccounts?: readonly ServiceAccount[] | undefined;
  readonly secrets?: readonly Secret[] | undefined;
  readonly nodes?: readonly Node[] | undefined;
  /** What kubelets, registries and endpoints answered. */
  readonly answers: readonly RecordedAnswer[];
}

/** The files of a recording by name, as JSON text. */
export type RecordingFiles = Readonly<Record<string, string>>;

function skeletons(secrets: readonly Secret[]): readonly Secret[] {
  const numberOf = createPasswordNumbers();
  return secrets.map((secret) => secretSkeleton(secret, numberOf));
}

/** Writes a recording down, without anything secret: what a diagnosis does not read is left out, the rest is redacted. */
export function writeRecording(recording: Recording): RecordingFiles {
  const { capturedAt, cluster, namespace, pod, podsComplete } = recording;
  const others = recording.pods.filter((each) => nameOf(each) !== nameOf(recording.podObject));
  return {
    'recording.json': jsonText({ version: RECORDING_VERSION, capturedAt, cluster, namespace, pod, podsComplete }),
    'pod.json': jsonText(redactDeep(Pod.parse(recording.podObject))),
    'events.json': jsonText({ items: redactDeep(z.array(Event).parse(recording.events)) }),
    ...filled('pods.json', others, Pod),
    ...filled('owners.json', recording.owners, Owner),
    ...filled('controllers.json', recording.controllers ?? [], Controller),
    ...optional('serviceaccounts.json', recording.serviceAccounts, ServiceAccount),
    ...(recording.secrets === undefined ? {} : { 'secrets.json': jsonText({ items: skeletons(recording.secrets) }) }),
    ...optional('nodes.json', recording.nodes, Node),
    // They come in as they are answered; sorted, two recordings can be compared.
    ...filled('answers.json', recording.answers.map(cutDown).toSorted(byQuestion), RecordedAnswer),
  };
}

/**
 * Reads a recording. `recording.json` may be missing: then the files are taken for plain answers of an API server
 * (`kubectl get -o json`), and now is when the pod was last heard of. `wanted` (NAME or NAMESPACE/NAME) chooses a pod where
 * pod.json is a list. `shared` are the files of the folders that sharedFolders names; what the recording itself says of a thing counts.
 * Throws `recording/broken`, `recording/too-new` or `recording/several-pods`.
 */
export function readRecording(files: RecordingFiles, wanted?: string, shared: readonly RecordingFiles[] = []): Recording {
  const header = files['recording.json'] === undefined ? undefined : readHeader(files['recording.json']);
  const { podObject, others } = choosePod(readPods(files), wanted);
  const events = readList(files, 'events.json', Event);
  const all = <T>(name: string, schema: z.ZodType<T>, keyOf: (item: T) => string) =>
    distinct(
      [files, ...shared].map((each) => readObjects(each, name, schema)),
      keyOf,
    );
  const capturedAt = header?.capturedAt ?? lastHeardOf(podObject, events);
  return {
    capturedAt,
    cluster: header?.cluster ?? 'recording',
    namespace: header?.namespace ?? podObject.metadata.namespace,
    pod: header?.pod ?? podObject.metadata.name,
    podObject,
    events,
    // Plain answers of an API server are those about one pod.
    podsComplete: header?.podsComplete ?? false,
    pods: distinct([[podObject], files['pods.json'] === undefined ? others : undefined, all('pods.json', Pod, nameOf)], nameOf) ?? [],
    owners: readObjects(files, 'owners.json', Owner) ?? [],
    controllers: readObjects(files, 'controllers.json', Controller),
    serviceAccounts:
      readObjects(files, 'serviceaccounts.json', ServiceAccount) ?? readObjects(files, 'serviceaccount.json', ServiceAccount),
    secrets: readObjects(files, 'secrets.json', Secret),
    nodes: all('nodes.json', Node, ({ metadata }) => metadata.name),
    answers: all('answers.json', RecordedAnswer, ({ ask, about }) => `${ask}\n${about}`) ?? [],
  };
}

/** The folders that a recording shares with others, relative to its own. Throws `recording/broken` and `recording/too-new`. */
export function sharedFolders(files: RecordingFiles): readonly string[] {
  return files['recording.json'] === undefined ? [] : readHeader(files['recording.json']).shared;
}

/** The first of each key in several lists; undefined where there is no list at all. */
function distinct<T>(lists: readonly (readonly T[] | undefined)[], keyOf: (item: T) => string): readonly T[] | undefined {
  if (lists.every((list) => list === undefined)) return undefined;
  const first = new Map<string, T>();
  for (const item of lists.flatMap((list) => list ?? [])) if (!first.has(keyOf(item))) first.set(keyOf(item), item);
  return [...first.values()];
}

function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** One pod, or the List that `kubectl get pods -o json` prints even for one that a selector found. */
function readPods(files: RecordingFiles): readonly Pod[] {
  const Items = z.object({ items: z.array(z.unknown()) });
  const value = readJson(files, 'pod.json', z.unknown());
  const items = Items.safeParse(value);
  return items.success ? check('pod.json', items.data, z.object({ items: z.array(Pod) })).items : [check('pod.json', value, Pod)];
}

const MAX_NAMED = 10;

function choosePod(pods: readonly Pod[], wanted: string | undefined): { readonly podObject: Pod; readonly others: readonly Pod[] } {
  const chosen = wanted === undefined ? pods : pods.filter((pod) => pod.metadata.name === wanted || nameOf(pod) === wanted);
  const [podObject, second] = chosen;
  if (podObject && !second) return { podObject, others: pods.filter((pod) => pod !== podObject) };
  if (pods.length === 0) throw new CodedError('recording/broken', 'pod.json of the recording is a list without a pod.');
  const names = list((podObject ? chosen : pods).map(nameOf), MAX_NAMED);
  throw podObject
    ? new CodedError(
        'recording/several-pods',
        `pod.json of the recording holds ${chosen.length} pods: ${names}. Choose one with --pod NAME.`,
      )
    : new CodedError('recording/several-pods', `pod.json of the recording does not hold a pod ${wanted}. It holds ${names}.`);
}

function byQuestion(one: RecordedAnswer, other: RecordedAnswer): number {
  const [a, b] = [`${one.ask} ${one.about}`, `${other.ask} ${other.about}`];
  return a < b ? -1 : Number(a > b);
}

/** A file for the objects, if there are any. */
function filled<T>(name: string, objects: readonly T[], schema: z.ZodType<T>): RecordingFiles {
  return optional(name, objects.length > 0 ? objects : undefined, schema);
}

function optional<T>(name: string, objects: readonly T[] | undefined, schema: z.ZodType<T>): RecordingFiles {
  return objects === undefined ? {} : { [name]: jsonText({ items: redactDeep(z.array(schema).parse(objects)) }) };
}

/** A list, or the single object or bare array that `kubectl get -o json` and scripts around it write. */
function readObjects<T>(files: RecordingFiles, name: string, schema: z.ZodType<T>): readonly T[] | undefined {
  if (files[name] === undefined) return undefined;
  const List = z.object({ items: z.array(schema) }).transform(({ items }) => items);
  return readJson(files, name, z.union([List, z.array(schema), schema.transform((object) => [object])]));
}

function readHeader(text: string): z.infer<typeof Header> {
  const loose = parseJson('recording.json', text);
  const version = z.object({ version: z.number() }).safeParse(loose);
  if (version.success && version.data.version > RECORDING_VERSION) {
    throw new CodedError(
      'recording/too-new',
      `The recording has version ${version.data.version}; this program reads up to ${RECORDING_VERSION}. Use a newer imagepull.`,
    );
  }
  return check('recording.json', loose, Header);
}

function readJson<T>(files: RecordingFiles, name: string, schema: z.ZodType<T>): T {
  const text = files[name];
  if (text === undefined) throw new CodedError('recording/broken', `The recording has no ${name}.`);
  return check(name, parseJson(name, text), schema);
}

function readList<T>(files: RecordingFiles, name: string, schema: z.ZodType<T>): readonly T[] {
  return readJson(files, name, z.object({ items: z.array(schema) })).items;
}

function parseJson(name: string, text: string): unknown {
  try {
    // Editors on Windows begin a file with a byte order mark.
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new CodedError('recording/broken', sentence(`${name} of the recording is not JSON: ${asCodedError(cause).message}`), { cause });
  }
}

function check<T>(name: string, value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CodedError(
    'recording/broken',
    sentence(`${name} of the recording is broken at ${issue?.path.join('.') || 'its root'}: ${issue?.message}`),
    { cause: parsed.error },
  );
}

function lastHeardOf(pod: Pod, events: readonly Event[]): string {
  const times = [pod.metadata.creationTimestamp, ...events.map(lastSeen)].filter(
    (time): time is string => typeof time === 'string' && !Number.isNaN(Date.parse(time)),
  );
  return times.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? new Date(0).toISOString();
}
