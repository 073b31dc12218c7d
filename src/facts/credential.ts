import type { SecretText } from './secret-text.ts';

/** What is shown to a registry. "No credentials" is a value too. */
export type Credential =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: SecretText }
  /** A refresh token of docker login, exchanged at the token server. */
  | { readonly kind: 'identity-token'; readonly token: SecretText };

/** A credential and where it comes from, in words for people: `secret regcred (user robot)`. The name identifies it in a run. */
export interface Account {
  readonly name: string;
  readonly credential: Credential;
  /** The pull secret that holds it, so that a finding can name it. */
  readonly secret?: string;
}

/** Asking without credentials. */
export const ANONYMOUS: Account = { name: 'anonymous', credential: { kind: 'anonymous' } };
