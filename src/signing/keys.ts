import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { signerOf, verifierOf } from './ed25519.ts';
import type { Sign, Verify } from './signing.ts';

/** What a process signs with, and its public half in PEM. */
export interface SigningKey {
  readonly sign: Sign;
  readonly publicPem: string;
}

/** A signing key out of PEM (PKCS #8). Throws `config/signing-key`. */
export function signingKeyOf(privatePem: string): SigningKey {
  const sign = signerOf(privatePem);
  return { sign, publicPem: createPublicKey(createPrivateKey(privatePem)).export({ type: 'spki', format: 'pem' }).toString() };
}

/** A key that lives as long as this process: what it signed counts for nothing afterwards. */
export function passingKey(): SigningKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  return signingKeyOf(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

/** Verifies by any of several public keys in PEM, so that keys can be exchanged one process at a time. Throws `config/signing-key`. */
export function verifierOfAny(publicPems: readonly string[]): Verify {
  const verifiers = publicPems.map(verifierOf);
  return (text, signature) => verifiers.some((verify) => verify(text, signature));
}
