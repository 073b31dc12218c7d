import type { Credential } from './credential.ts';
import { globMatches } from './glob.ts';
import { parseImageReference, repositoryName, splitPort } from './image-reference.ts';
import type { PullSecret, PullSecretEntry } from './pull-secret.ts';

/** A login that the kubelet would send for an image. */
export interface KeyringMatch {
  readonly secret: string;
  readonly key: string;
  readonly username: string;
  readonly credential: Credential;
  readonly hasLogin: boolean;
  readonly expiresAt?: string;
}

/** A key that does not match an image, and the rule it fails, as a sentence part. */
export interface KeyringMiss {
  readonly secret: string;
  readonly key: string;
  readonly because: string;
}

/** What the kubelet would send for an image, in its order, and why it would not send the rest. */
export interface KeyringAnswer {
  readonly matches: readonly KeyringMatch[];
  readonly misses: readonly KeyringMiss[];
}

/** The key under which Docker Hub's logins are kept, after normalisation. */
const DEFAULT_KEY = 'index.docker.io';

interface IndexedEntry extends PullSecretEntry {
  readonly secret: string;
  /** Host, port and path as the kubelet keeps them: `index.docker.io`, `registry.example:5000/team`. */
  readonly index: string;
}

/**
 * Looks an image up by the kubelet's own rules (pkg/credentialprovider/keyring.go of Kubernetes 1.36). A malformed secret
 * fails the kubelet's whole lookup, so then nothing matches.
 */
export function lookUp(image: string, secrets: readonly PullSecret[]): KeyringAnswer {
  const parsed = parseImageReference(image);
  const entries = indexed(secrets);
  const malformed = secrets.find((secret) => secret.status === 'malformed');
  if (parsed.status === 'invalid' || malformed) {
    const because = malformed
      ? `the secret ${malformed.name} beside it is malformed, and that fails the whole lookup`
      : 'the image is no valid reference';
    return { matches: [], misses: entries.map(({ secret, key }) => ({ secret, key, because })) };
  }
  const repository = repositoryName(parsed.reference);
  const judged = entries.map((entry) => ({ entry, because: missOf(entry.index, repository) }));
  let matching = judged.filter(({ because }) => because === undefined).map(({ entry }) => entry);
  if (matching.length === 0 && isDefaultRegistry(repository)) matching = entries.filter((entry) => entry.index === DEFAULT_KEY);
  const chosen = new Set(matching);
  return {
    matches: withoutRepeats(matching).map(({ secret, key, username, credential, hasLogin, expiresAt }) => ({
      secret,
      key,
      username,
      credential,
      hasLogin,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    })),
    misses: judged
      .filter(({ entry }) => !chosen.has(entry))
      .map(({ entry, because = 'it does not match' }) => ({
        secret: entry.secret,
        key: entry.key,
        because: trapOf(entry, repository) ?? because,
      })),
  };
}

/** Every login with its normalised key; longer paths of a host come first, as the kubelet sorts its index in reverse. */
function indexed(secrets: readonly PullSecret[]): readonly IndexedEntry[] {
  const entries = secrets.flatMap((secret) =>
    secret.status === 'readable' ? secret.entries.map((entry) => ({ ...entry, secret: secret.name, index: indexOf(entry.key) })) : [],
  );
  // Comparing by code unit, as Go compares bytes; sorting is stable, so secrets keep their order within one key.
  return entries.sort((a, b) => (a.index < b.index ? 1 : a.index > b.index ? -1 : 0));
}

/** Host and path of a key as a URL, `/v1` or `/v2` dropped from the front of the path if a slash follows; without that slash it stays a path. */
function indexOf(key: string): string {
  const text = key.replace(/^https?:\/\//, '').replace(/[?#].*$/s, '');
  const slash = text.indexOf('/');
  const authority = slash < 0 ? text : text.slice(0, slash);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const path = slash < 0 ? '' : text.slice(slash);
  const rest = /^\/v[12]\//.test(path) ? path.slice(3) : path;
  return rest === '/' ? host : host + rest;
}

/** The rule by which a key does not match a repository; undefined when it matches. */
function missOf(index: string, repository: string): string | undefined {
  const key = splitIndex(index);
  const image = splitIndex(repository);
  if (key.port !== image.port) return `the port differs: the key has ${key.port || 'none'}, the image ${image.port || 'none'}`;
  const labels = key.host.split('.');
  const wanted = image.host.split('.');
  if (labels.length !== wanted.length)
    return `the host ${key.host} has ${labels.length} ${labels.length === 1 ? 'part' : 'parts'} between dots, ${image.host} has ${wanted.length}, and * never crosses a dot`;
  const differing = labels.findIndex((label, at) => !globMatches(label, wanted[at] ?? ''));
  if (differing >= 0) return `the host differs: "${labels[differing]}" is not "${wanted[differing]}" of ${image.host}`;
  if (!image.path.startsWith(key.path)) return `the image's path ${image.path} does not start with the key's path ${key.path}`;
  return undefined;
}

function splitIndex(text: string): { readonly host: string; readonly port: string; readonly path: string } {
  const slash = text.indexOf('/');
  const { host, port } = splitPort(slash < 0 ? text : text.slice(0, slash));
  // Go takes the brackets off an IPv6 address that has a port; without one they stay, and stand for a set of characters.
  if (port !== undefined) return { host: host.replace(/^\[|\]$/g, ''), port, path: slash < 0 ? '' : text.slice(slash) };
  return { host, port: '', path: slash < 0 ? '' : text.slice(slash) };
}

/** Docker Hub's repositories, and those whose first part is no host by docker's old rule (`localhost/x`), may use its login. */
function isDefaultRegistry(repository: string): boolean {
  const first = repository.slice(0, repository.indexOf('/'));
  return first === 'docker.io' || !/[.:]/.test(first);
}

/** Keys that people take for Docker Hub's and the kubelet does not. */
function trapOf({ key, index }: IndexedEntry, repository: string): string | undefined {
  if (!repository.startsWith('docker.io/')) return undefined;
  const version = /^index\.docker\.io\/(v[12])$/.exec(index)?.[1];
  if (version)
    return `without a slash at its end the kubelet takes /${version} for a repository path; Docker Hub's key is https://index.docker.io/v1/`;
  if (/^(?:registry-1|hub|registry)\.docker\.(?:io|com)(?:\/|$)/.test(index))
    return `the kubelet never looks under ${splitIndex(index).host}; Docker Hub's key is https://index.docker.io/v1/`;
  return key === '' ? 'the key is empty' : undefined;
}

function withoutRepeats(entries: readonly IndexedEntry[]): readonly IndexedEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ credential }) => {
    const identity = credential.kind === 'basic' ? `${credential.username}\n${credential.password.reveal()}` : credential.kind;
    return !seen.has(identity) && seen.add(identity);
  });
}
