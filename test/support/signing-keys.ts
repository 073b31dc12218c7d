import { generateKeyPairSync } from 'node:crypto';
import { signerOf, verifierOf } from '../../src/signing/ed25519.ts';

/** A new pair of keys, in PEM and as what signs and verifies. */
export function newKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { privatePem, publicPem, sign: signerOf(privatePem), verify: verifierOf(publicPem) };
}
