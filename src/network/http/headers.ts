import type { RateLimit } from '../../facts/registry-answer.ts';

type Headers = Readonly<Record<string, string>>;

/** Seconds that a Retry-After header asks for, as a number or a date; undefined when there is none or it is unreadable. */
export function retryAfter(headers: Headers, now: number = Date.now()): number | undefined {
  const text = headers['retry-after']?.trim();
  if (!text) return undefined;
  const seconds = /^[0-9]{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** `100;w=21600` (Docker Hub), `60`, or `limit=100, remaining=50, reset=30` (RateLimit header fields draft). */
const LIMIT = /^\s{0,5}([0-9]{1,12})(?:\s{0,5};\s{0,5}w=([0-9]{1,9}))?/;

/** What the headers say of a limit; undefined where they say nothing, which for Docker Hub means that there is none. */
export function rateLimitOf(headers: Headers): RateLimit | undefined {
  const read = (...names: readonly string[]) => names.map((name) => LIMIT.exec(headers[name] ?? '')).find((match) => match !== null);
  const limit = read('ratelimit-limit', 'x-ratelimit-limit', 'x-rate-limit-limit');
  const remaining = read('ratelimit-remaining', 'x-ratelimit-remaining', 'x-rate-limit-remaining');
  if (!limit && !remaining) return undefined;
  const window = limit?.[2] ?? remaining?.[2];
  // An address or an account id.
  const source = /^[0-9a-zA-Z.:_-]{1,64}$/.exec(headers['docker-ratelimit-source'] ?? '')?.[0];
  return {
    ...(limit ? { limit: Number(limit[1]) } : {}),
    ...(remaining ? { remaining: Number(remaining[1]) } : {}),
    ...(window === undefined ? {} : { windowSeconds: Number(window) }),
    ...(source === undefined ? {} : { source }),
  };
}

/** The URL of a `Link: <…>; rel="next"` header. */
export function nextLink(headers: Headers): string | undefined {
  const link = (headers['link'] ?? '').slice(0, 8192);
  return /<([^<>]{1,4096})>[^,<]{0,200};\s{0,5}rel="?next"?/i.exec(link)?.[1];
}
