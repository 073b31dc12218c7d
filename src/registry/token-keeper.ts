import type { TokenAnswer } from './token-source.ts';

/** Tokens that were given, and token servers that said nothing. In this process's memory only. */
export interface TokenKeeper {
  /** The token of that key while it lives; one that two questions want at the same time is fetched once. */
  get(wanted: { readonly key: string; readonly realm: string }, fetch: () => Promise<TokenAnswer>): Promise<TokenAnswer>;
  /** A token that was refused is not used again. */
  forget(key: string): void;
}

/** A token is used up to this part of its life. */
const TOKEN_SHARE = 0.8;

/** Keeps at most `most` tokens; `fetchMs` is the longest that fetching one takes, `keepMs` how long a silent server is left alone. */
export function createTokenKeeper(options: {
  readonly now: () => number;
  readonly keepMs: number;
  readonly fetchMs: number;
  readonly most: number;
}): TokenKeeper {
  const { now, keepMs, fetchMs, most } = options;
  const tokens = new Map<string, { readonly until: number; readonly answer: Promise<TokenAnswer> }>();
  /** By origin: nobody waits twice for a server that did not answer. */
  const silent = new Map<string, { readonly until: number; readonly answer: TokenAnswer }>();

  return {
    async get({ key, realm }, fetch) {
      const kept = tokens.get(key);
      if (kept && kept.until > now()) return kept.answer;
      const origin = URL.parse(realm)?.origin ?? '';
      const before = silent.get(origin);
      if (before && before.until > now()) return before.answer;
      const answer = fetch();
      keep(tokens, key, { until: now() + fetchMs, answer }, most);
      const given = await answer;
      if (given.status === 'token') keep(tokens, key, { until: now() + given.livesMs * TOKEN_SHARE, answer }, most);
      else tokens.delete(key);
      if (given.status === 'unreachable' && given.problem === 'timeout')
        keep(silent, origin, { until: now() + keepMs, answer: given }, most);
      return given;
    },
    forget: (key) => void tokens.delete(key),
  };
}

/** Keeps something, within bounds. */
function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  if (map.size >= most) map.clear();
  map.set(key, value);
}
