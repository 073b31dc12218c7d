import { z } from 'zod';
import type { Credential } from './credential.ts';
import { parseJson } from './json.ts';
import type { Secret } from './kubernetes-object.ts';
import { SecretText } from './secret-text.ts';
import { expiryOf, unsignedToken } from './token-expiry.ts';
import { shortened } from './wording.ts';

/** One login of a pull secret. Only `key`, `username` and `expiresAt` may be shown. */
export interface PullSecretEntry {
  /** The key under `auths`, verbatim: `https://index.docker.io/v1/`, `registry.example:5000/team`. */
  readonly key: string;
  readonly username: string;
  readonly credential: Credential;
  /** False when user name and password are both empty: then the kubelet sends an empty login. */
  readonly hasLogin: boolean;
  /** RFC 3339, when the token can be read and says when it ends. */
  readonly expiresAt?: string;
}

/** What the kubelet makes of a secret that a pod names. */
export type PullSecret =
  | { readonly status: 'readable'; readonly name: string; readonly entries: readonly PullSecretEntry[] }
  /** Silently skipped by the kubelet: another type, or the right type without its data. */
  | { readonly status: 'ignored'; readonly name: string; readonly type: string; readonly because: string }
  /** The kubelet's whole credential lookup fails on it, for every image of the pod. */
  | { readonly status: 'malformed'; readonly name: string; readonly because: string };

const MAX_DATA_CHARACTERS = 2 * 1024 * 1024;
const MAX_ENTRIES = 1000;
/** A host has at most 253 characters. */
const MAX_SHOWN = 300;

/** The two types the kubelet reads and the data key of each (pkg/credentialprovider/secrets). */
const DATA_KEYS: Readonly<Record<string, string>> = {
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  'kubernetes.io/dockercfg': '.dockercfg',
};

const Entry = z.object({
  username: z.string().nullish(),
  password: z.string().nullish(),
  auth: z.string().nullish(),
});
const Entries = z.record(z.string(), Entry);
const ConfigJson = z.object({ auths: Entries.nullish() });

/** Reads a secret as the kubelet does (pkg/credentialprovider/secrets and config.go of Kubernetes 1.36); never throws. */
export function readPullSecret(secret: Secret): PullSecret {
  const { name } = secret.metadata;
  const type = secret.type ?? 'Opaque';
  const dataKey = DATA_KEYS[type];
  if (dataKey === undefined) return { status: 'ignored', name, type, because: `its type is ${type}` };
  const data = secret.data?.[dataKey];
  if (!data) return { status: 'ignored', name, type, because: `it has no data under ${dataKey}` };

  const malformed = (because: string): PullSecret => ({ status: 'malformed', name, because });
  if (data.length > MAX_DATA_CHARACTERS) return malformed(`${dataKey} is larger than a secret can be`);
  const text = decodeBase64(data);
  if (text === undefined) return malformed(`${dataKey} is not base64`);
  const json = parseJson(text);
  if (json === undefined) return malformed(`${dataKey} is not JSON`);
  const entries = entriesOf(json, dataKey);
  if (entries === undefined)
    return malformed(
      dataKey === '.dockercfg' ? `${dataKey} is not a map of logins by registry` : `${dataKey} has no map of logins under auths`,
    );
  const keys = Object.keys(entries);
  if (keys.length > MAX_ENTRIES) return malformed(`${dataKey} has ${keys.length} entries; at most ${MAX_ENTRIES} are read`);
  const read: PullSecretEntry[] = [];
  for (const [key, entry] of Object.entries(entries)) {
    const login = loginOf(entry);
    if (typeof login === 'string') return malformed(`the entry ${JSON.stringify(shownKey(key))} ${login}`);
    const expiresAt = expiryOf(login.password);
    read.push({
      key: shownKey(key),
      username: shown(login.username),
      credential: { kind: 'basic', username: login.username, password: new SecretText(login.password) },
      hasLogin: login.username !== '' || login.password !== '',
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
  }
  return { status: 'readable', name, entries: read };
}

/**
 * The same secret with nothing secret in it, rebuilt from what may be shown: it reads the same (status, keys, user names,
 * expiry), and that is what a recording keeps.
 */
export function secretSkeleton(secret: Secret): Secret {
  const { name, namespace, uid, creationTimestamp } = secret.metadata;
  const bare: Secret = { metadata: { name, namespace, uid, creationTimestamp }, type: secret.type ?? 'Opaque' };
  const dataKey = DATA_KEYS[bare.type ?? ''];
  const read = readPullSecret(secret);
  if (dataKey === undefined || read.status === 'ignored') return bare;
  const content = read.status === 'readable' ? JSON.stringify(skeletonOf(read.entries, dataKey)) : skeletonOfMalformed(secret, dataKey);
  return { ...bare, data: { [dataKey]: content === undefined ? '[redacted, not base64]' : encodeBase64(content) } };
}

const REDACTED = '[redacted]';

function skeletonOf(entries: readonly PullSecretEntry[], dataKey: string): unknown {
  const logins = Object.fromEntries(
    entries.map(({ key, username, hasLogin, expiresAt }) => [
      key,
      { username, password: hasLogin ? (expiresAt === undefined ? REDACTED : unsignedToken(expiresAt)) : '' },
    ]),
  );
  return dataKey === '.dockercfg' ? logins : { auths: logins };
}

/** A text that is malformed in the same way; undefined where the original is not even base64. */
function skeletonOfMalformed(secret: Secret, dataKey: string): string | undefined {
  const text = decodeBase64(secret.data?.[dataKey] ?? '');
  if (text === undefined) return undefined;
  const json = parseJson(text);
  if (json === undefined) return REDACTED;
  const entries = entriesOf(json, dataKey);
  if (entries === undefined) return JSON.stringify(REDACTED);
  const broken = Object.entries(entries).find(([, entry]) => typeof loginOf(entry) === 'string');
  const auth = broken && loginOf(broken[1]) === NO_COLON ? encodeBase64(REDACTED) : REDACTED;
  const logins = { [broken?.[0] ?? '']: { auth } };
  return JSON.stringify(dataKey === '.dockercfg' ? logins : { auths: logins });
}

function entriesOf(json: unknown, dataKey: string): z.infer<typeof Entries> | undefined {
  if (dataKey === '.dockercfg') return Entries.safeParse(json).data;
  // Go reads null as an empty object.
  const config = ConfigJson.safeParse(json ?? {});
  return config.success ? (config.data.auths ?? {}) : undefined;
}

/** Names and keys are people's free text, and may be of any length. */
function shown(text: string): string {
  return shortened(text.replace(/\s+/g, ' '), MAX_SHOWN);
}

/** A key without user name and password, which the kubelet drops from it as well. */
function shownKey(key: string): string {
  return shown(key.slice(0, 4 * MAX_SHOWN).replace(/^((?:https?:\/\/)?)[^/]*@/, '$1'));
}

const NOT_BASE64 = 'has an auth that is not base64';
const NO_COLON = 'has an auth that is not base64 of user:password';

/** User name and password of an entry, `auth` first as in config.go; or what is wrong with it. */
function loginOf(entry: z.infer<typeof Entry>): { readonly username: string; readonly password: string } | string {
  if (!entry.auth) return { username: entry.username ?? '', password: entry.password ?? '' };
  const text = decodeBase64(entry.auth);
  if (text === undefined) return NOT_BASE64;
  const colon = text.indexOf(':');
  return colon < 0 ? NO_COLON : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

const BASE64 = /^[A-Za-z0-9+/\r\n]{0,2800000}={0,2}[\r\n]{0,4}$/;

/** Standard base64, padded or not, line breaks allowed as Go allows them; undefined when it is none. */
function decodeBase64(text: string): string | undefined {
  if (!BASE64.test(text)) return undefined;
  const digits = text.replace(/[\r\n=]/g, '');
  return digits.length % 4 === 1 ? undefined : Buffer.from(digits, 'base64').toString('utf8');
}

function encodeBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
