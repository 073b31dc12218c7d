import { createExpiringMap } from '../../timing/expiring-map.ts';
import type { TokenAnswer } from './token-server.ts';

/** Tokens that were given, and token servers that gave no answer. In this process's memory only. */
export interface TokenCache {
  /** The token of that key while it lives; one that two requests want at the same time is fetched once. */
  get(wanted: { readonly key: string; readonly realm: string }, fetch: () => Promise<TokenAnswer>): Promise<TokenAnswer>;
  /** A token that was refused is not used again. */
  forget(key: string): void;
}

/** A token is used up to this part of its life. */
const TOKEN_SHARE = 0.8;
const MAX_TOKENS = 2_000;
const MAX_SERVERS = 1_000;

/** `fetchMs` is the longest that fetching a token takes, `keepMs` how long a server that did not answer is left alone. */
export function createTokenCache(options: { readonly now: () => number; readonly keepMs: number; readonly fetchMs: number }): TokenCache {
  const { now, keepMs, fetchMs } = options;
  const tokens = createExpiringMap<Promise<TokenAnswer>>({ now, ttlMs: fetchMs, max: MAX_TOKENS });
  /** By origin: nobody waits twice for a server that did not answer. */
  const silent = createExpiringMap<TokenAnswer>({ now, ttlMs: keepMs, max: MAX_SERVERS });

  return {
    async get({ key, realm }, fetch) {
      const kept = tokens.get(key);
      if (kept) return kept;
      const origin = URL.parse(realm)?.origin ?? '';
      const before = silent.get(origin);
      if (before) return before;
      const answer = fetch();
      tokens.set(key, answer);
      const given = await answer;
      if (given.status === 'token') tokens.set(key, answer, given.livesMs * TOKEN_SHARE);
      else tokens.delete(key);
      if (given.status === 'unreachable' && given.problem === 'timeout') silent.set(origin, given);
      return given;
    },
    forget: (key) => tokens.delete(key),
  };
}
