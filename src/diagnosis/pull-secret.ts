import type { Credential } from './credential.ts';
import type { Secret } from './kubernetes-object.ts';

/** One login of a pull secret. Only `key`, `username` and `expiry` may be shown. */
export interface PullSecretEntry {
  /** The key under `auths`, verbatim: `https://index.docker.io/v1/`, `registry.example:5000/team`. */
  readonly key: string;
  readonly username: string;
  readonly credential: Credential;
  /** RFC 3339, when the token can be read and says when it ends. */
  readonly expiresAt?: string;
}

/** What the kubelet makes of a secret that a pod names. */
export type PullSecret =
  | { readonly status: 'readable'; readonly name: string; readonly entries: readonly PullSecretEntry[] }
  | { readonly status: 'wrong-type'; readonly name: string; readonly type: string }
  /** The kubelet's whole credential lookup fails on it, for every image of the pod. */
  | { readonly status: 'malformed'; readonly name: string; readonly because: string };

/** Reads a secret as the kubelet does (pkg/credentialprovider/secrets); never throws. */
export function readPullSecret(secret: Secret): PullSecret {
  throw new Error(`not written: ${secret.metadata.name}`);
}
