import type { Credential } from './credential.ts';
import type { PullSecret } from './pull-secret.ts';

/** A login that the kubelet would send for an image. */
export interface KeyringMatch {
  readonly secret: string;
  readonly key: string;
  readonly username: string;
  readonly credential: Credential;
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

/** Looks an image up by the kubelet's own rules (pkg/credentialprovider/keyring.go of Kubernetes 1.36). */
export function lookUp(image: string, secrets: readonly PullSecret[]): KeyringAnswer {
  throw new Error(`not written: ${image} ${secrets.length}`);
}
