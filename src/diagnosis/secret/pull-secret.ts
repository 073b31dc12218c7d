import type { Credential } from '../../facts/credential.ts';
import type { Secret } from '../../facts/kubernetes/kubernetes-object.ts';
import { SecretText } from '../../facts/secret-text.ts';
import { DATA_KEYS, readDockerConfig } from './docker-config.ts';
import { indexOf, shownKey, shownText } from './registry-key.ts';
import { expiryOf } from './token-expiry.ts';

/** One login of a pull secret. Only `key`, `username` and `expiresAt` may be shown. */
export interface PullSecretEntry {
  /** The key under `auths` as it may be shown: `https://index.docker.io/v1/`, `registry.example:5000/team`. */
  readonly key: string;
  /** The name under which the kubelet files the login; undefined where it cannot read the key. Never shown. */
  readonly index: string | undefined;
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
  | { readonly status: 'malformed'; readonly name: string; readonly because: string }
  /** More than is read here; what the kubelet makes of it is unknown. */
  | { readonly status: 'too-large'; readonly name: string; readonly because: string };

/** More logins of one secret than this are not read, and no more base64 than this: a secret has at most 1 MiB. */
export const MAX_LOGINS = 1000;
const MAX_CHARACTERS = 2 * 1024 * 1024;

/** Reads a secret as the kubelet does (pkg/credentialprovider/secrets of Kubernetes 1.36); never throws. */
export function readPullSecret(secret: Secret): PullSecret {
  const { name } = secret.metadata;
  const type = secret.type ?? 'Opaque';
  const dataKey = DATA_KEYS[type];
  if (dataKey === undefined) return { status: 'ignored', name, type, because: `its type is ${type}` };
  const data = secret.data?.[dataKey];
  if (!data) return { status: 'ignored', name, type, because: `it has no data under ${dataKey}` };
  if (data.length > MAX_CHARACTERS) return { status: 'too-large', name, because: TOO_LARGE };

  const config = readDockerConfig(data, dataKey);
  if (config.status === 'malformed') return { status: 'malformed', name, because: config.because };
  if (config.logins.length > MAX_LOGINS) return { status: 'too-large', name, because: TOO_LARGE };
  return {
    status: 'readable',
    name,
    entries: config.logins.map(([key, { username, password }]) => {
      const expiresAt = expiryOf(password);
      return {
        key: shownKey(key),
        index: indexOf(key),
        // A token is often given as user name, and then there is no password.
        username: password === '' && username !== '' ? HIDDEN : shownText(username),
        credential: { kind: 'basic', username, password: new SecretText(password) },
        hasLogin: username !== '' || password !== '',
        ...(expiresAt === undefined ? {} : { expiresAt }),
      };
    }),
  };
}

const HIDDEN = '[redacted]';
const TOO_LARGE = `it holds more than is looked at here (${MAX_LOGINS} logins)`;
