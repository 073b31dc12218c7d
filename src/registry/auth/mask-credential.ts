import type { Credential } from '../../facts/credential.ts';

/** Shorter secrets stand in too many words to be masked. */
const SHORTEST = 4;

/** A server's text without what it was sent: some echo a login or token in their error. */
export function maskCredential(text: string, credential: Credential, token?: string): string {
  const secrets = [...secretsOf(credential), ...(token === undefined ? [] : [token])];
  return secrets.filter((secret) => secret.length >= SHORTEST).reduce((masked, secret) => masked.replaceAll(secret, '[redacted]'), text);
}

function secretsOf(credential: Credential): readonly string[] {
  switch (credential.kind) {
    case 'anonymous':
      return [];
    case 'identity-token':
      return [credential.token.reveal(), encodeURIComponent(credential.token.reveal())];
    case 'basic': {
      const password = credential.password.reveal();
      const login = Buffer.from(`${credential.username}:${password}`).toString('base64');
      return [login, login.replace(/=+$/, ''), password, encodeURIComponent(password)];
    }
    default:
      return credential satisfies never;
  }
}
