import type { Credential } from '../facts/credential.ts';
import { isLoopback } from '../facts/loopback.ts';
import type { Ping, Refusal } from '../facts/registry-answer.ts';
import type { Exchange } from '../network/http/exchange.ts';
import { rateLimitOf, retryAfter } from '../network/http/headers.ts';
import { type Demand, firstDemand, nextDemand } from './auth/demand.ts';
import type { Fingerprint } from './auth/fingerprint.ts';
import { createLoginGate } from './auth/login-gate.ts';
import { maskCredential } from './auth/mask-credential.ts';
import { createTokenCache } from './auth/token-cache.ts';
import { challengeOf, parseChallenges } from './auth/www-authenticate.ts';
import { createAuthorizer, type Ready } from './authorizer.ts';
import { type Conversation, type Cost, costOf, startConversation } from './conversation.ts';
import { withoutResponse } from './no-answer.ts';
import type { OciRegistryOptions } from './oci-registry.ts';
import { createPinger, type Pinger } from './ping.ts';
import { refusalOf } from './registry-error.ts';
import type { Reply } from './reply.ts';
import { createSender } from './sender.ts';

/** A request to the registry's API. */
export interface ApiRequest {
  readonly path: string;
  readonly method: 'GET' | 'HEAD';
  readonly repository: string;
  readonly maxBytes: number;
  readonly accept?: string;
  /** False: a redirect is the answer. */
  readonly follow?: boolean;
}

/** Speaks to registries: pings, tokens, refused logins, budget. What is asked is up to the caller. */
export interface RegistrySession {
  start(registry: string): Conversation;
  cost(conversation: Conversation): Cost;
  ping(host: string, signal: AbortSignal): Promise<Ping>;
  ask(conversation: Conversation, credential: Credential, request: ApiRequest): Promise<Reply>;
  /** Requests sent so far. */
  requests(): number;
}

const KEEP_MS = 60_000;
/** A server's word that a token, whoever's it is, does not allow this. */
const TOO_WEAK = 'insufficient_scope';

/** Opens a session with registries; everything it learns stays in this process's memory. */
export function createRegistrySession(options: OciRegistryOptions, fingerprint: Fingerprint): RegistrySession {
  const { now = Date.now, timeoutMs = 10_000, plainHttp = [], tokenServers = {} } = options;
  const { send, requests } = createSender({ ...options, now, timeoutMs });
  const { ping, familyOf } = createPinger({ send, plainHttp, keepMs: KEEP_MS, now });
  const tokens = createTokenCache({ now, keepMs: KEEP_MS, fetchMs: timeoutMs * 2 });
  const authorize = createAuthorizer({ send, familyOf, fingerprint, tokens, tokenServers });
  const loginGate = createLoginGate({ now, keepMs: KEEP_MS });

  async function ask(conversation: Conversation, credential: Credential, request: ApiRequest): Promise<Reply> {
    const { host } = conversation;
    const pinged = await ping(host);
    conversation.sent += pinged.requests;
    if (pinged.status !== 'answers') return pinged;
    // Runtimes speak plain HTTP to registries on loopback, so their logins travel so as well.
    if (credential.kind !== 'anonymous' && pinged.scheme === 'http' && !isLoopback(host) && !plainHttp.includes(host))
      return { status: 'not-asked', because: `${host} speaks plain HTTP, and no login is sent over that` };
    const asking = askingOf(conversation, credential, request, pinged.scheme);
    if (!asking) return { status: 'unusable', because: `${host} cannot be asked for ${request.repository}` };
    const exchange = () => authenticated(asking, firstDemand(pinged.challenge, asking.scope));
    if (credential.kind === 'anonymous') return exchange();
    return loginGate.send({ host, login: fingerprint(credential), repository: request.repository }, exchange);
  }

  /** Asks with what the ping demanded, and once more if the answer demands something else. */
  async function authenticated(asking: Asking, demand: Demand): Promise<Reply> {
    const first = await askOnce(asking, demand);
    if (first.status !== 'demanding') return first;
    const second = await askOnce(asking, first.demand);
    return second.status === 'demanding' ? second.refusal : second;
  }

  async function askOnce(asking: Asking, demand: Demand): Promise<Reply | Demanding> {
    const { conversation, credential, request, url } = asking;
    if (demand.basic && credential.kind === 'identity-token')
      return { status: 'not-asked', because: `${conversation.host} takes user names and passwords, and the login is an identity token` };
    const ready = await authorize({ conversation, credential, origin: new URL(url.origin) }, demand);
    if (ready.status !== 'ready') return ready;
    const accept = request.accept === undefined ? {} : { accept: request.accept };
    const exchange = await send(conversation, { ...request, url, namedBy: 'image', headers: { ...accept, ...ready.headers } });
    if (exchange.kind !== 'response') return withoutResponse(exchange);
    if (exchange.status < 400) return { status: 'reply', httpStatus: exchange.status, headers: exchange.headers, body: exchange.body };
    // A token that was refused is not used again: rights may be granted in the meantime.
    if (ready.tokenKey !== undefined && (exchange.status === 401 || exchange.status === 403)) tokens.forget(ready.tokenKey);
    const refusal = readRefusal(exchange, { asking, ready, familyOf, now: now() });
    const challenges = exchange.status === 401 ? parseChallenges(exchange.headers['www-authenticate'] ?? '') : [];
    const next = nextDemand(challenges, { demand, hasPassword: credential.kind === 'basic', scope: asking.scope });
    return next ? { status: 'demanding', demand: next, refusal } : refusal;
  }

  return {
    start: (registry) => startConversation(registry, now()),
    cost: (conversation) => costOf(conversation, now()),
    ping,
    ask,
    requests,
  };
}

/** A refusal that says what would be accepted. */
interface Demanding {
  readonly status: 'demanding';
  readonly demand: Demand;
  readonly refusal: Refusal;
}

/** One request with everything that stays the same when it is sent again. */
interface Asking {
  readonly conversation: Conversation;
  readonly credential: Credential;
  readonly request: ApiRequest;
  readonly url: URL;
  readonly scope: string;
}

/** Undefined when the path leads to another server than the registry. */
function askingOf(conversation: Conversation, credential: Credential, request: ApiRequest, scheme: 'https' | 'http'): Asking | undefined {
  const { origin } = new URL(`${scheme}://${conversation.host}`);
  const url = URL.parse(request.path, origin);
  if (url?.origin !== origin) return undefined;
  return { conversation, credential, request, url, scope: `repository:${request.repository}:pull` };
}

function readRefusal(
  exchange: Extract<Exchange, { kind: 'response' }>,
  about: { readonly asking: Asking; readonly ready: Ready; readonly familyOf: Pinger['familyOf']; readonly now: number },
): Refusal {
  const { status, headers, body } = exchange;
  const { conversation, credential } = about.asking;
  const { token } = about.ready;
  const after = retryAfter(headers, about.now);
  const error = challengeOf(parseChallenges(headers['www-authenticate'] ?? ''), 'bearer')?.parameters['error'];
  const withLogin = credential.kind !== 'anonymous';
  const refusal = refusalOf(
    { status, body: maskCredential(body, credential, token), ...(after === undefined ? {} : { retryAfterSeconds: after }) },
    {
      by: 'registry',
      quirk: about.familyOf(conversation, headers),
      withLogin,
      // The token server knew the login; unless the registry calls the token itself bad, it is only too weak.
      withToken: token !== undefined && withLogin && (error === undefined || error === TOO_WEAK),
    },
  );
  const limit = rateLimitOf(headers);
  return refusal.status === 'rate-limited' && limit ? { ...refusal, rateLimit: limit } : refusal;
}
