import { isLoopback } from '../facts/loopback.ts';
import type { Ping } from '../facts/registry-answer.ts';
import { type AddressGuard, literalAddress } from '../network/address-guard.ts';
import type { Exchange } from '../network/http-exchange.ts';
import { type AuthChallenge, challengeOf } from './auth-challenge.ts';
import type { TokenDemand } from './token-source.ts';

/** The challenge that leads to a pull: Bearer before Basic, as runtimes choose. */
export function registryChallenge(challenges: readonly AuthChallenge[]): Extract<Ping, { status: 'answers' }>['challenge'] {
  const bearer = bearerOf(challenges);
  if (bearer) return { scheme: 'bearer', ...bearer };
  const basic = challengeOf(challenges, 'basic');
  return basic ? { scheme: 'basic', realm: basic.parameters['realm'] ?? '' } : undefined;
}

/** What a 401 demands, if that is another token than the greeting demanded. */
export function otherDemand(challenges: readonly AuthChallenge[], before: TokenDemand | undefined, scope: string): TokenDemand | undefined {
  const bearer = bearerOf(challenges);
  if (!bearer) return undefined;
  const demand = { ...bearer, scope: challengeOf(challenges, 'bearer')?.parameters['scope'] || scope };
  const same = before?.realm === demand.realm && before.service === demand.service && before.scope === demand.scope;
  return same ? undefined : demand;
}

function bearerOf(challenges: readonly AuthChallenge[]): { readonly realm: string; readonly service?: string } | undefined {
  const parameters = challengeOf(challenges, 'bearer')?.parameters;
  const realm = parameters?.['realm'];
  const service = parameters?.['service'];
  return realm === undefined ? undefined : { realm, ...(service === undefined ? {} : { service }) };
}

/** True when an answer to /v2/ without a challenge is one that a registry gives. */
export function isApiAnswer(said: Extract<Exchange, { kind: 'response' }>): boolean {
  const isJson = /^application\/(?:[a-z.]{1,60}\+)?json/.test(said.headers['content-type'] ?? '');
  return (said.status === 200 && /^\s*\{\s*\}\s*$/.test(said.body)) || (isJson && said.body.includes('"errors"'));
}

/** A registry that answers TLS in plain HTTP, and one on loopback that cannot make sense of it. */
export function speaksPlain(greeting: Ping, host: string): boolean {
  if (greeting.status !== 'unreachable') return false;
  return greeting.problem === 'plain-http' || (greeting.problem === 'connection-reset' && isLoopback(host));
}

/** Runtimes speak plain HTTP to registries on loopback, so their logins travel so as well. */
export function mayBePlain(host: string, guard: AddressGuard, plainHttp: readonly string[]): boolean {
  if (plainHttp.includes(host)) return true;
  const address = literalAddress(new URL(`http://${host}`).hostname);
  return isLoopback(host) && (address === undefined || guard.refusal(address) === undefined);
}
