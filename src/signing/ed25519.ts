import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { CodedError } from '../errors.ts';
import type { Sign, Verify } from './signing.ts';

/** SHA-256 by Node.js. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Signs with an Ed25519 private key in PEM (PKCS #8). Throws `config/signing-key`, whose text holds nothing of the key. */
export function signerOf(privateKeyPem: string): Sign {
  const key = ed25519(() => createPrivateKey(privateKeyPem), 'private');
  return (text) => sign(null, Buffer.from(text, 'utf8'), key).toString('base64url');
}

/** Verifies with an Ed25519 public key in PEM (SPKI). Throws `config/signing-key`. */
export function verifierOf(publicKeyPem: string): Verify {
  // Node.js would take a private key here and derive the public one; then an executor could be given what lets it sign.
  const isPublic = publicKeyPem.includes('BEGIN PUBLIC KEY');
  const key = ed25519(() => (isPublic ? createPublicKey(publicKeyPem) : undefined), 'public');
  return (text, signature) => {
    const bytes = Buffer.from(signature, 'base64url');
    // Decoding passes over what is not base64url; each signature has one way to be written.
    return bytes.length === 64 && bytes.toString('base64url') === signature && verify(null, Buffer.from(text, 'utf8'), key, bytes);
  };
}

function ed25519(read: () => KeyObject | undefined, kind: 'private' | 'public'): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read();
  } catch {
    // What the parser says may quote the key, so it goes no further.
    key = undefined;
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new CodedError('config/signing-key', `The ${kind} key is not an Ed25519 key in PEM. openssl genpkey -algorithm ed25519 makes one.`);
}
