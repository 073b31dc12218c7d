import { z } from 'zod';
import { asCodedError, CodedError } from '../errors.ts';
import { Controller, Event, lastSeen, Node, Owner, Pod, Secret, ServiceAccount } from '../facts/kubernetes-object.ts';
import { redactDeep } from '../facts/redaction.ts';
import { list, sentence } from '../text/wording.ts';
import { RecordedAnswer } from './recorded-answers.ts';
import { createPasswordNumbers, secretSkeleton } from './secret-skeleton.ts';

/** The newest layout of a recording that this program writes and reads. */
const RECORDING_VERSION = 1;

const Header = z.object({
  version: z.int().positive(),
  /** RFC 3339: what "now" is when the recording is replayed. */
  capturedAt: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time like 2026-01-31T12:00:00Z'),
  cluster: z.string(),
  namespace: z.string(),
  pod: z.string(),
  /** False when the cluster had more pods than the recording. */
  podsComplete: z.boolean().default(true),
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
  return {
    'recording.json': json({ version: RECORDING_VERSION, capturedAt, cluster, namespace, pod, podsComplete }),
    'pod.json': json(redactDeep(Pod.parse(recording.podObject))),
    'events.json': json({ items: redactDeep(z.array(Event).parse(recording.events)) }),
    'pods.json': json({ items: redactDeep(z.array(Pod).parse(recording.pods)) }),
    'owners.json': json({ items: redactDeep(z.array(Owner).parse(recording.owners)) }),
    ...(recording.controllers?.length ? optional('controllers.json', recording.controllers, Controller) : {}),
    ...optional('serviceaccounts.json', recording.serviceAccounts, ServiceAccount),
    ...(recording.secrets === undefined ? {} : { 'secrets.json': json({ items: skeletons(recording.secrets) }) }),
    ...optional('nodes.json', recording.nodes, Node),
    'answers.json': json({ items: redactDeep(z.array(RecordedAnswer).parse(recording.answers)) }),
  };
}

/**
 * Reads a recording. `recording.json` may be missing: then the files are taken for plain answers of an API server
 * (`kubectl get -o json`), and now is when the pod was last heard of. `wanted` (NAME or NAMESPACE/NAME) chooses a pod where
 * pod.json is a list. Throws `recording/broken`, `recording/too-new` or `recording/several-pods`.
 */
export function readRecording(files: RecordingFiles, wanted?: string): Recording {
  const header = files['recording.json'] === undefined ? undefined : readHeader(files['recording.json']);
  const { podObject, others } = choosePod(readPods(files), wanted);
  const events = readList(files, 'events.json', Event);
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
    pods: files['pods.json'] === undefined ? [podObject, ...others] : readList(files, 'pods.json', Pod),
    owners: files['owners.json'] === undefined ? [] : readList(files, 'owners.json', Owner),
    controllers: readObjects(files, 'controllers.json', Controller),
    serviceAccounts:
      readObjects(files, 'serviceaccounts.json', ServiceAccount) ?? readObjects(files, 'serviceaccount.json', ServiceAccount),
    secrets: readObjects(files, 'secrets.json', Secret),
    nodes: readObjects(files, 'nodes.json', Node),
    answers: files['answers.json'] === undefined ? [] : readList(files, 'answers.json', RecordedAnswer),
  };
}

/** One pod, or the List that `kubectl get pods -o json` prints even for one that a selector found. */
function readPods(files: RecordingFiles): readonly Pod[] {
  const Items = z.object({ items: z.array(z.unknown()) });
  const value = readJson(files, 'pod.json', z.unknown());
  const items = Items.safeParse(value);
  return items.success ? check('pod.json', items.data, z.object({ items: z.array(Pod) })).items : [check('pod.json', value, Pod)];
}

const MOST_NAMED = 10;

function choosePod(pods: readonly Pod[], wanted: string | undefined): { readonly podObject: Pod; readonly others: readonly Pod[] } {
  const nameOf = ({ metadata }: Pod) => `${metadata.namespace}/${metadata.name}`;
  const chosen = wanted === undefined ? pods : pods.filter((pod) => pod.metadata.name === wanted || nameOf(pod) === wanted);
  const [podObject, second] = chosen;
  if (podObject && !second) return { podObject, others: pods.filter((pod) => pod !== podObject) };
  if (pods.length === 0) throw new CodedError('recording/broken', 'pod.json of the recording is a list without a pod.');
  const names = list((podObject ? chosen : pods).map(nameOf), MOST_NAMED);
  throw podObject
    ? new CodedError(
        'recording/several-pods',
        `pod.json of the recording holds ${chosen.length} pods: ${names}. Choose one with --pod NAME.`,
      )
    : new CodedError('recording/several-pods', `pod.json of the recording does not hold a pod ${wanted}. It holds ${names}.`);
}

function optional<T>(name: string, objects: readonly T[] | undefined, schema: z.ZodType<T>): RecordingFiles {
  return objects === undefined ? {} : { [name]: json({ items: redactDeep(z.array(schema).parse(objects)) }) };
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
    return JSON.parse(text);
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

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}
