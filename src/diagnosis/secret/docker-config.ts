import { z } from 'zod';
import { parseJson } from '../../facts/json.ts';
import { shownKey } from './registry-key.ts';

/** The two types the kubelet reads and the data key of each (pkg/credentialprovider/secrets). */
export const DATA_KEYS: Readonly<Record<string, DataKey>> = {
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  'kubernetes.io/dockercfg': '.dockercfg',
};
export type DataKey = '.dockerconfigjson' | '.dockercfg';

/** User name and password as the kubelet takes them from one entry. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** What stands in a pull secret: its logins by key, or why the kubelet cannot read it. */
export type DockerConfig =
  | { readonly status: 'readable'; readonly logins: readonly (readonly [key: string, login: Login])[] }
  | { readonly status: 'malformed'; readonly because: string; readonly flaw: Flaw };

/** What is wrong, for whoever builds a text that is wrong in the same way. */
export type Flaw =
  | { readonly kind: 'data' | 'json' | 'shape' }
  | { readonly kind: 'auth'; readonly key: string; readonly auth: 'not-base64' | 'no-colon' | 'not-utf8' };

/** Go reads null as nothing given, and a field's name in any case. */
const Text = z.string().nullish();
const Entry = z.preprocess(
  (value) => foldNames(value, ['username', 'password', 'email', 'auth']),
  z.object({ username: Text, password: Text, email: Text, auth: Text }),
);
const Entries = z.record(z.string(), Entry).nullish();
const ConfigJson = z.preprocess(
  (value) => foldNames(value, ['auths', 'HttpHeaders']),
  z.object({ auths: Entries, HttpHeaders: z.record(z.string(), Text).nullish() }),
);

/** Reads the value of a secret's data key, base64, as the kubelet does (pkg/credentialprovider/config.go of Kubernetes 1.36). */
export function readDockerConfig(data: string, dataKey: DataKey): DockerConfig {
  const text = decodeStandard(data)?.toString('utf8');
  if (text === undefined) return { status: 'malformed', because: `${dataKey} is not base64`, flaw: { kind: 'data' } };
  const json = parseJson(text);
  if (json === undefined) return { status: 'malformed', because: `${dataKey} is not JSON`, flaw: { kind: 'json' } };
  const entries = dataKey === '.dockercfg' ? Entries.safeParse(json) : ConfigJson.transform(({ auths }) => auths).safeParse(json);
  if (!entries.success) {
    const because =
      dataKey === '.dockercfg' ? `${dataKey} is not a map of logins by registry` : `${dataKey} has no map of logins under auths`;
    return { status: 'malformed', because, flaw: { kind: 'shape' } };
  }
  const logins: [string, Login][] = [];
  for (const [key, entry] of Object.entries(entries.data ?? {})) {
    const login = loginOf(entry);
    if (typeof login === 'string')
      return {
        status: 'malformed',
        because: `the entry ${JSON.stringify(shownKey(key))} has an auth that is ${FLAWS[login]}`,
        flaw: { kind: 'auth', key, auth: login },
      };
    logins.push([key, login]);
  }
  return { status: 'readable', logins };
}

const FLAWS = {
  'not-base64': 'not base64',
  'no-colon': 'not base64 of user:password',
  'not-utf8': 'not UTF-8 inside its base64, and the kubelet cannot hand that to the runtime',
};

/** `auth` comes before user name and password; or what is wrong with it. */
function loginOf(entry: z.infer<typeof Entry>): Login | keyof typeof FLAWS {
  if (!entry.auth) return { username: entry.username ?? '', password: entry.password ?? '' };
  const bytes = entry.auth.trim().endsWith('=') ? decodeStandard(entry.auth) : decodeUnpadded(entry.auth);
  if (!bytes) return 'not-base64';
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) return 'not-utf8';
  const colon = text.indexOf(':');
  return colon < 0 ? 'no-colon' : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** An object with only the named fields, each taken in any spelling of its letters; the last one that is not null wins, as in Go. */
function foldNames(value: unknown, names: readonly string[]): unknown {
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  const folded = new Map<string, unknown>();
  for (const [key, field] of Object.entries(value)) {
    const name = names.find((candidate) => sameLetters(candidate, key));
    if (name !== undefined && field !== null) folded.set(name, field);
  }
  return Object.fromEntries(folded);
}

function sameLetters(one: string, other: string): boolean {
  // Go folds the long s to s as well, which toLowerCase does not.
  return one.length === other.length && one.toLowerCase() === other.replaceAll('ſ', 's').toLowerCase();
}

const DIGITS = /^[A-Za-z0-9+/]{0,2800000}$/;

/** Base64 with its padding, in which Go passes over line breaks; undefined when it is none. */
function decodeStandard(text: string): Buffer | undefined {
  const joined = text.replace(/[\r\n]/g, '');
  const digits = joined.replace(/={1,2}$/, '');
  return joined.length % 4 === 0 && DIGITS.test(digits) ? Buffer.from(digits, 'base64') : undefined;
}

/** Base64 without padding; undefined when it is none. */
function decodeUnpadded(text: string): Buffer | undefined {
  const digits = text.replace(/[\r\n]/g, '');
  return digits.length % 4 !== 1 && DIGITS.test(digits) ? Buffer.from(digits, 'base64') : undefined;
}

/** The value of a data key that holds these logins. */
export function writeDockerConfig(logins: Readonly<Record<string, unknown>>, dataKey: DataKey): string {
  return Buffer.from(JSON.stringify(dataKey === '.dockercfg' ? logins : { auths: logins }), 'utf8').toString('base64');
}
