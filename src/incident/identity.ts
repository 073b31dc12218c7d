import type { Symptom } from '../diagnosis/message/pull-error.ts';
import { type Reach, subjectOf } from '../diagnosis/reach.ts';
import type { Family } from '../diagnosis/verdict.ts';
import { registryOf } from '../facts/image-reference.ts';
import type { Audience, Incident } from './incident.ts';

/** What is known of a failing image when its incident gets a key. */
export interface Trouble {
  readonly cluster: string;
  readonly namespace: string;
  /** Empty for a pod without a node. */
  readonly node: string;
  readonly image: string;
}

/**
 * The family that a symptom points to before anything was checked. Symptoms are missing here that may come from anywhere
 * (a pull that is cancelled or held back, an unknown error, a hang): only a verdict tells what they are about.
 */
const FAMILY_OF: Readonly<Partial<Record<Symptom, Family>>> = {
  'invalid-reference': 'image',
  'pull-never': 'image',
  'signature-policy': 'image',
  'layer-corrupt': 'image',
  'unsupported-manifest': 'image',
  'platform-mismatch': 'image',
  'tag-not-found': 'image',
  'repository-not-found': 'image',
  'denied-or-missing': 'credentials',
  forbidden: 'credentials',
  unauthorized: 'credentials',
  'credential-provider': 'credentials',
  'tls-expired': 'network',
  'tls-hostname': 'network',
  'tls-untrusted': 'network',
  'http-https-mismatch': 'network',
  'proxy-error': 'network',
  'dns-failure': 'network',
  'connection-refused': 'network',
  'network-unreachable': 'network',
  'connection-reset': 'network',
  'network-timeout': 'network',
  'registry-unavailable': 'registry',
  'rate-limited': 'rate-limit',
  'disk-full': 'disk',
  'runtime-unavailable': 'runtime',
};

/** What pods have in common that fail for a cause of this family. */
const REACH_OF: Readonly<Record<Family, Reach>> = {
  image: 'image',
  credentials: 'namespace',
  network: 'registry',
  registry: 'registry',
  'rate-limit': 'registry',
  disk: 'node',
  runtime: 'node',
};

/** The key of a trouble whose cause nobody has looked for yet; undefined where its symptom may stand for anything. */
export function provisionalKey(symptom: Symptom | 'hanging', trouble: Trouble): string | undefined {
  const family = symptom === 'hanging' ? undefined : FAMILY_OF[symptom];
  return family && keyOf(`?${family}`, REACH_OF[family], trouble);
}

/**
 * The key of one image that fails in one namespace, on one node where the error points to nodes: too narrow to stand for another cause, so
 * an incident keeps it whatever its verdict says. Errors that may come from anywhere share one.
 */
export function exactKey(symptom: Symptom | 'hanging', { cluster, namespace, node, image }: Trouble): string {
  const family = symptom === 'hanging' ? undefined : FAMILY_OF[symptom];
  const spot = family !== undefined && REACH_OF[family] === 'node' ? [node] : [];
  return [cluster, `=${family ?? 'any'}`, [namespace, image, ...spot].join(' ')].join('|');
}

/** The key of a trouble with a verdict; undefined where the verdict names no cause. */
export function establishedKey(cause: string | null, reach: Reach | undefined, trouble: Trouble): string | undefined {
  return cause === null || reach === undefined ? undefined : keyOf(cause, reach, trouble);
}

/** True where a provisional key can stand for what the verdict says. */
export function fitsFamily(key: string, cluster: string, family: Family | null): boolean {
  return family !== null && key.startsWith(`${cluster}|?${family}|`);
}

/** True where two keys of a cluster are about the same image, registry, node or namespace, whatever is wrong with it. */
export function sameSubject(one: string, other: string, cluster: string): boolean {
  const subject = (key: string) => key.slice(key.indexOf('|', cluster.length + 1));
  return subject(one) === subject(other);
}

function keyOf(what: string, reach: Reach, { cluster, ...spot }: Trouble): string | undefined {
  const subject = subjectOf(reach, { ...spot, registry: registryOf(spot.image) });
  // A pod without a node has no node to share with others.
  return subject === '' ? undefined : [cluster, what, subject].join('|');
}

/** The key of one pod's incident among those of one audience. */
export function podKey(audience: Audience, about: { readonly cluster: string; readonly namespace: string; readonly pod: string }): string {
  return `${audienceName(audience)}|pod|${about.cluster}|${about.namespace}/${about.pod}`;
}

/** A key of what incidents are about, among those of one audience: who may not see one learns nothing of its key. */
export function aboutKey(audience: Audience, key: string): string {
  return `${audienceName(audience)}|about|${key}`;
}

/** What `aboutKey` makes, of an incident that is resolved: it is found by it as long as it may be opened again. */
export function recentKey(audience: Audience, key: string): string {
  return `${audienceName(audience)}|recent|${key}`;
}

/** Everything that an incident is about, each once. */
export function aboutOf({ identity: { provisional, established }, aliases }: Pick<Incident, 'identity' | 'aliases'>): readonly string[] {
  return [...new Set([provisional, established, ...aliases].filter((key) => key !== undefined))];
}

function audienceName(audience: Audience): string {
  return audience.kind === 'everyone' ? '*' : audience.channel;
}
