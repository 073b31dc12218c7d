import type { Ping } from '../../facts/registry-answer.ts';
import { type AuthChallenge, challengeOf } from './www-authenticate.ts';

/** Where and for what a registry wants a token. */
export interface TokenDemand {
  readonly realm: string;
  readonly service?: string | undefined;
  readonly scope: string;
}

/** What a registry wants to see before it answers. */
export interface Demand {
  readonly basic: boolean;
  readonly token?: TokenDemand;
}

type Challenge = NonNullable<Extract<Ping, { status: 'answers' }>['challenge']>;

/** The challenge that leads to a pull: Bearer before Basic, as runtimes choose. */
export function registryChallenge(challenges: readonly AuthChallenge[]): Challenge | undefined {
  const bearer = bearerOf(challenges);
  if (bearer) return { scheme: 'bearer', ...bearer };
  const basic = challengeOf(challenges, 'basic');
  return basic ? { scheme: 'basic', realm: basic.parameters['realm'] ?? '' } : undefined;
}

/** What the challenge at /v2/ demands for a scope. */
export function firstDemand(challenge: Challenge | undefined, scope: string): Demand {
  if (challenge?.scheme !== 'bearer') return { basic: challenge?.scheme === 'basic' };
  const { realm, service } = challenge;
  return { basic: false, token: { realm, scope, ...(service === undefined ? {} : { service }) } };
}

/** What a 401 demands, if that is something else than it was shown. */
export function nextDemand(
  challenges: readonly AuthChallenge[],
  shown: { readonly demand: Demand; readonly hasPassword: boolean; readonly scope: string },
): Demand | undefined {
  const { demand, hasPassword, scope } = shown;
  const token = otherToken(challenges, demand.token, scope);
  if (token) return { basic: false, token };
  const basic = !demand.basic && !demand.token && hasPassword && challengeOf(challenges, 'basic') !== undefined;
  return basic ? { basic } : undefined;
}

function otherToken(challenges: readonly AuthChallenge[], before: TokenDemand | undefined, scope: string): TokenDemand | undefined {
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
