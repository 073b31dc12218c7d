import { createHmac, randomBytes } from 'node:crypto';
import type { Credential } from '../../facts/credential.ts';

/** Tells credentials apart. */
export type Fingerprint = (credential: Credential) => string;

/** Fingerprints from which no credential can be guessed: a keyed hash whose key is made anew in each process. */
export function createFingerprint(): Fingerprint {
  const key = randomBytes(32);
  return (credential) => {
    if (credential.kind === 'anonymous') return 'anonymous';
    const secret = credential.kind === 'basic' ? credential.password : credential.token;
    const user = credential.kind === 'basic' ? credential.username : '';
    return createHmac('sha256', key)
      .update(JSON.stringify([credential.kind, user, secret.reveal()]))
      .digest('base64url');
  };
}
