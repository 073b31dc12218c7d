import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { asCodedError } from '../../src/errors.ts';
import { sha256, signerOf, verifierOf } from '../../src/signing/ed25519.ts';
import { newKeys } from '../support/signing-keys.ts';

describe('signatures', () => {
  const keys = newKeys();

  it('hold for the very text and key, in the one way of writing them', () => {
    const signature = keys.sign('a');
    expect(keys.verify('a', signature)).toBe(true);
    for (const wrong of [`${signature}=`, `${signature} `, signature.slice(1), '', 'ä', newKeys().sign('a')])
      expect(keys.verify('a', wrong)).toBe(false);
    expect(keys.verify('b', signature)).toBe(false);
  });

  it('need Ed25519 keys, and a public one to verify', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
    for (const pem of [rsa, keys.privatePem, '', 'text']) expect(() => verifierOf(pem)).toThrow('is not an Ed25519 key');
  });

  it('keep a broken key out of the error', () => {
    const canary = 'MC4CAQAwBQYDK2VwBCIEICANARY0123456789';
    let found: unknown;
    try {
      signerOf(`-----BEGIN PRIVATE KEY-----\n${canary}\n-----END PRIVATE KEY-----\n`);
    } catch (cause) {
      found = cause;
    }
    const error = asCodedError(found);
    expect(error.code).toBe('config/signing-key');
    expect(`${error.message} ${String(error.cause)} ${error.stack}`).not.toContain('CANARY');
  });

  it('are made of SHA-256 of UTF-8', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256('ä')).toBe(sha256('\u00e4'));
  });
});
