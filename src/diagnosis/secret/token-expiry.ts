import { z } from 'zod';
import { parseJson } from '../../facts/json.ts';

/** JSON web tokens carry `exp`, tokens of Amazon's registry `expiration`; both are seconds since 1970. */
const Payload = z.object({ exp: z.number().optional(), expiration: z.number().optional() });
const MAX_TOKEN_LENGTH = 16_384;
const YEAR_9999 = 253_402_300_799;

/**
 * When a password that is a readable token ends, RFC 3339; undefined for everything else. Nothing is verified: a wrong
 * signature would be refused by the registry, which is another finding.
 */
export function expiryOf(password: string): string | undefined {
  if (password.length > MAX_TOKEN_LENGTH) return undefined;
  const parts = password.split('.');
  const encoded = parts.length === 3 ? parts[1] : parts.length === 1 ? parts[0] : undefined;
  if (encoded === undefined || !/^[A-Za-z0-9+/_=-]{8,16384}$/.test(encoded)) return undefined;
  const payload = Payload.safeParse(parseJson(Buffer.from(encoded, 'base64url').toString('utf8'))).data;
  const seconds = payload?.exp ?? payload?.expiration;
  return seconds === undefined || seconds <= 0 || seconds > YEAR_9999 ? undefined : new Date(Math.trunc(seconds) * 1000).toISOString();
}

/** A token that ends at a time and proves nothing: it has no signature. */
export function unsignedToken(expiresAt: string): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'none' })}.${encode({ exp: Date.parse(expiresAt) / 1000 })}.`;
}
