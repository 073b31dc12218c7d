import { apiHostOf } from '../facts/docker-hub.ts';
import { isLoopback } from '../facts/loopback.ts';
import type { Ping } from '../facts/registry-answer.ts';
import type { Exchange } from '../network/http/exchange.ts';
import { createAnswerCache } from '../timing/answer-cache.ts';
import { createExpiringMap } from '../timing/expiring-map.ts';
import { registryChallenge } from './auth/demand.ts';
import { parseChallenges } from './auth/www-authenticate.ts';
import { type Conversation, costOf, startConversation } from './conversation.ts';
import { withoutResponse } from './no-answer.ts';
import { type Quirk, quirkOf } from './quirks.ts';
import type { Sender } from './sender.ts';

/** Asks registries for /v2/, and remembers what each turned out to be. */
export interface Pinger {
  /** Sent once a minute, however many images a registry has and whichever step asks; costs no request otherwise. */
  ping(host: string, signal?: AbortSignal): Promise<Ping>;
  /** The family of a registry: by its name, by its answer to a ping, or by the headers of another answer. */
  familyOf(conversation: Conversation, headers?: Readonly<Record<string, string>>): Quirk;
}

const MAX_HOSTS = 1_000;
const MAX_BYTES = 64 * 1024;
/** A family is learnt anew with each ping; this only lets go of hosts that nobody asks for any more. */
const FAMILY_MS = 3_600_000;

/** A pinger that keeps answers for `keepMs` milliseconds. */
export function createPinger(options: {
  readonly send: Sender['send'];
  readonly plainHttp: readonly string[];
  readonly keepMs: number;
  readonly now: () => number;
}): Pinger {
  const { send, plainHttp, keepMs, now } = options;
  const cached = createAnswerCache({ now, keepMs, max: MAX_HOSTS });
  const families = createExpiringMap<Quirk>({ now, ttlMs: FAMILY_MS, max: MAX_HOSTS });

  async function pingOnce(host: string): Promise<Ping> {
    const conversation = startConversation(host, now());
    const secure = plainHttp.includes(host) ? undefined : await pingOver(conversation, 'https');
    const answer = secure && !speaksPlain(secure, host) ? secure : await pingOver(conversation, 'http');
    return { ...answer, ...costOf(conversation, now()) };
  }

  async function pingOver(conversation: Conversation, scheme: 'https' | 'http'): Promise<Ping> {
    const { host } = conversation;
    const url = URL.parse(`${scheme}://${host}/v2/`);
    const about = { host, ...costOf(conversation, now()) };
    if (!url) return { ...about, status: 'unusable', because: `${host} is not a host that can be asked` };
    const exchange = await send(conversation, { url, namedBy: 'image', method: 'GET', maxBytes: MAX_BYTES });
    if (exchange.kind !== 'response') return { ...about, ...withoutResponse(exchange) };
    const challenge = registryChallenge(parseChallenges(exchange.headers['www-authenticate'] ?? ''));
    families.set(host, quirkOf(host, exchange.headers));
    const isRegistry =
      exchange.headers['docker-distribution-api-version'] !== undefined || challenge !== undefined || isApiAnswer(exchange);
    return { ...about, status: 'answers', scheme, httpStatus: exchange.status, isRegistry, ...(challenge ? { challenge } : {}) };
  }

  return {
    async ping(host, signal) {
      const api = apiHostOf(host);
      // One that failed, or was cut short by a limit, is nothing to build on.
      const keep = (ping: Ping) => ping.status === 'unreachable' || (ping.status === 'answers' && ping.httpStatus < 429);
      const { answer, asked } = await cached({ key: api, ask: () => pingOnce(api), keep, signal });
      return asked ? answer : { ...answer, requests: 0 };
    },
    familyOf({ host, registry }, headers = {}) {
      const learnt = families.get(host);
      return learnt && !learnt.conflatesMissing ? learnt : quirkOf(registry, headers);
    },
  };
}

/** True when an answer to /v2/ without a challenge is one that a registry gives. */
function isApiAnswer({ status, headers, body }: Extract<Exchange, { kind: 'response' }>): boolean {
  const isJson = /^application\/(?:[a-z.]{1,60}\+)?json/.test(headers['content-type'] ?? '');
  return (status === 200 && /^\s*\{\s*\}\s*$/.test(body)) || (isJson && body.includes('"errors"'));
}

/** A registry that answers TLS in plain HTTP, and one on loopback that cannot make sense of it. */
function speaksPlain(ping: Ping, host: string): boolean {
  if (ping.status !== 'unreachable') return false;
  return ping.problem === 'plain-http' || (ping.problem === 'connection-reset' && isLoopback(host));
}
