import type { Credential } from '../../facts/credential.ts';
import { DOCKER_HUB } from '../../facts/docker-hub.ts';
import { parseImageReference, repositoryName } from '../../facts/image-reference.ts';
import type { PullSecret, PullSecretEntry } from './pull-secret.ts';
import { type Location, locate, shownKey } from './registry-key.ts';

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

/** A login with what the kubelet compares; entries whose key it cannot read have none of it. */
interface IndexedEntry extends PullSecretEntry {
  readonly secret: string;
  readonly location: Location | undefined;
}

/**
 * Looks an image up by the kubelet's own rules (pkg/credentialprovider/keyring.go of Kubernetes 1.36). A malformed secret
 * fails the kubelet's whole lookup, so then nothing matches.
 */
export function lookUp(image: string, secrets: readonly PullSecret[]): KeyringAnswer {
  const parsed = parseImageReference(image);
  const entries = indexed(secrets);
  const malformed = secrets.find((secret) => secret.status === 'malformed');
  const repository = parsed.status === 'valid' ? repositoryName(parsed.reference) : '';
  const wanted = parsed.status === 'valid' ? locate(repository) : undefined;
  if (!wanted || malformed) {
    const because = malformed
      ? `the secret ${malformed.name} beside it is malformed, and that fails the whole lookup`
      : 'the image is no valid reference';
    return { matches: [], misses: entries.map(({ secret, key }) => ({ secret, key, because })) };
  }
  const judged = entries.map((entry) => ({ entry, because: missOf(entry.location, wanted) }));
  let matching = judged.filter(({ because }) => because === undefined).map(({ entry }) => entry);
  if (matching.length === 0 && isDefaultRegistry(repository)) matching = entries.filter((entry) => entry.index === DOCKER_HUB.index);
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

/** Every login with what to compare; longer paths of a host come first, as the kubelet sorts its index in reverse. */
function indexed(secrets: readonly PullSecret[]): readonly IndexedEntry[] {
  const entries = secrets.flatMap((secret) =>
    secret.status === 'readable'
      ? // The kubelet reads a name it filed a second time, escapes included.
        secret.entries.map((entry) => ({
          ...entry,
          secret: secret.name,
          location: entry.index === undefined ? undefined : locate(entry.index),
        }))
      : [],
  );
  // Comparing by code unit, as Go compares bytes; sorting is stable, so secrets keep their order within one name.
  return entries.sort(({ index: a = '' }, { index: b = '' }) => (a < b ? 1 : a > b ? -1 : 0));
}

/** The rule by which a key does not match a repository; undefined when it matches. */
function missOf(key: Location | undefined, image: Location): string | undefined {
  if (!key) return 'the kubelet cannot read it as an address and passes it over';
  if (key.port !== image.port) return `the port differs: the key has ${key.port || 'none'}, the image ${image.port || 'none'}`;
  const labels = key.host.split('.');
  const wanted = image.host.split('.');
  if (labels.length !== wanted.length)
    return `the host ${shownKey(key.host)} has ${labels.length} ${labels.length === 1 ? 'part' : 'parts'} between dots, ${image.host} has ${wanted.length}, and * never crosses a dot`;
  const differing = labels.findIndex((label, at) => !labelMatches(label, wanted[at] ?? ''));
  if (differing >= 0) return `the host differs: "${shownKey(labels[differing] ?? '')}" is not "${wanted[differing]}" of ${image.host}`;
  if (!image.path.startsWith(key.path)) return `the image's path ${image.path} does not start with the key's path ${shownKey(key.path)}`;
  return undefined;
}

/**
 * Whether a label of a key's host stands for one of an image's: `*` is any number of characters. Go knows `?`, `[a-z]` and
 * `\\` as well, and none of them can stand in the host of a URL; in an IPv6 address without a port the brackets are
 * taken for a set of characters, which never is the address.
 */
function labelMatches(label: string, wanted: string): boolean {
  if (label.startsWith('[')) return false;
  const [first = '', ...rest] = label.split('*');
  const last = rest.pop();
  if (last === undefined) return label === wanted;
  if (wanted.length < first.length + last.length || !wanted.startsWith(first) || !wanted.endsWith(last)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = wanted.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= wanted.length - last.length;
}

/** Docker Hub's repositories, and those whose first part is no host by docker's old rule (`localhost/x`), may use its login. */
function isDefaultRegistry(repository: string): boolean {
  const first = repository.slice(0, repository.indexOf('/'));
  return first === DOCKER_HUB.registry || !/[.:]/.test(first);
}

/** Keys that people take for Docker Hub's and the kubelet does not, and an empty one. */
function trapOf({ key, index, location }: IndexedEntry, repository: string): string | undefined {
  if (key === '') return 'the key is empty';
  if (!repository.startsWith(`${DOCKER_HUB.registry}/`)) return undefined;
  const version = /^index\.docker\.io\/(v[12])$/.exec(index ?? '')?.[1];
  if (version)
    return `without a slash at its end the kubelet takes /${version} for a repository path; Docker Hub's key is ${DOCKER_HUB.loginKey}`;
  if (/^(?:registry-1|hub|registry)\.docker\.(?:io|com)$/.test(location?.host ?? ''))
    return `the kubelet never looks under ${location?.host}; Docker Hub's key is ${DOCKER_HUB.loginKey}`;
  return undefined;
}

function withoutRepeats(entries: readonly IndexedEntry[]): readonly IndexedEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ credential }) => {
    const identity = credential.kind === 'basic' ? `${credential.username}\n${credential.password.reveal()}` : credential.kind;
    return !seen.has(identity) && seen.add(identity);
  });
}
