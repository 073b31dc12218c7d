import { DATA_KEYS, type DataKey, type Flaw, type Login, readDockerConfig, writeDockerConfig } from '../diagnosis/secret/docker-config.ts';
import { MAX_LOGINS, readPullSecret } from '../diagnosis/secret/pull-secret.ts';
import { indexOf, keyWithoutSecrets } from '../diagnosis/secret/registry-key.ts';
import { expiryOf, unsignedToken } from '../diagnosis/secret/token-expiry.ts';
import type { Secret } from '../facts/kubernetes/kubernetes-object.ts';
import { redact } from '../facts/redaction.ts';

/** Numbers passwords, the same one always alike, so that two secrets can be told to hold different ones. */
export type PasswordNumbers = (password: string) => number;

/** Numbers for one recording; the passwords stay in memory and go with it. */
export function createPasswordNumbers(): PasswordNumbers {
  const known = new Map<string, number>();
  return (password) => {
    const number = known.get(password) ?? known.size + 1;
    known.set(password, number);
    return number;
  };
}

/**
 * The same secret with nothing secret in it, rebuilt from what may be kept: it reads the same (status, keys, user names,
 * expiry, which passwords are alike), and that is what a recording keeps. The skeleton of a skeleton is itself.
 */
export function secretSkeleton(secret: Secret, numberOf: PasswordNumbers = createPasswordNumbers()): Secret {
  const { name, namespace, uid, creationTimestamp } = secret.metadata;
  const type = secret.type ?? 'Opaque';
  const bare: Secret = { metadata: { name, namespace, uid, creationTimestamp }, type };
  const dataKey = DATA_KEYS[type];
  const data = dataKey && secret.data?.[dataKey];
  if (!dataKey || !data) return bare;
  return { ...bare, data: { [dataKey]: contentOf(secret, data, dataKey, numberOf) } };
}

function contentOf(secret: Secret, data: string, dataKey: DataKey, numberOf: PasswordNumbers): string {
  if (readPullSecret(secret).status === 'too-large')
    return writeDockerConfig(Object.fromEntries(Array.from({ length: MAX_LOGINS + 1 }, (_, n) => [`${n}`, {}])), dataKey);
  const config = readDockerConfig(data, dataKey);
  if (config.status === 'malformed') return malformedLike(config.flaw, dataKey);
  const kept = new Map<string, Login>();
  for (const [key, login] of config.logins) {
    const wanted = keptKey(key);
    // Keys that differed only in what was cut off stay two.
    let unique = wanted;
    for (let n = 1; kept.has(unique); n++) unique = wanted.replace(SCHEME, (scheme) => `${scheme}${n}@`);
    kept.set(unique, keptLogin(login, numberOf));
  }
  return writeDockerConfig(Object.fromEntries(kept), dataKey);
}

const SCHEME = /^(?:https?:\/\/)?/;
const REDACTED = '[redacted]';

/** The key with its secrets cut off, and still one that the kubelet cannot read where it was one. */
function keptKey(key: string): string {
  const bare = redact(keyWithoutSecrets(key));
  const number = /^(?:https?:\/\/)?(\d{1,4}@)/.exec(key)?.[1] ?? '';
  if (indexOf(key) === undefined) return key === `${REDACTED}@${bare}` ? key : `${REDACTED}@${bare}`;
  return bare.replace(SCHEME, (scheme) => scheme + number);
}

const KEPT_PASSWORD = /^\[redacted(?: \d{1,6})?\]$/;

function keptLogin({ username, password }: Login, numberOf: PasswordNumbers): Login {
  if (username === '' && password === '') return { username, password };
  if (password === '') return { username: KEPT_PASSWORD.test(username) ? username : placeholder(numberOf(username)), password };
  const expiresAt = expiryOf(password);
  const kept = KEPT_PASSWORD.test(password) ? password : placeholder(numberOf(password));
  return { username: redact(username), password: expiresAt === undefined ? kept : unsignedToken(expiresAt) };
}

function placeholder(number: number): string {
  return number === 1 ? REDACTED : `[redacted ${number}]`;
}

function malformedLike(flaw: Flaw, dataKey: DataKey): string {
  const encode = (text: string) => Buffer.from(text, 'utf8').toString('base64');
  switch (flaw.kind) {
    case 'data':
      return '[redacted, not base64]';
    case 'json':
      return encode(REDACTED);
    case 'shape':
      return encode(JSON.stringify(REDACTED));
    case 'auth': {
      const auth = { 'not-base64': REDACTED, 'no-colon': encode(REDACTED), 'not-utf8': '/zr+' }[flaw.auth];
      return writeDockerConfig({ [keptKey(flaw.key)]: { auth } }, dataKey);
    }
    default:
      return flaw satisfies never;
  }
}
