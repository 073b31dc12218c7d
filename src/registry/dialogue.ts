import type { Credential } from '../facts/credential.ts';
import type { Ping, Refusal } from '../facts/registry-answer.ts';
import { createAddressGuard } from '../network/address-guard.ts';
import { createAnswerMemory } from '../network/answer-memory.ts';
import { createHttpClient, type Exchange, type HttpQuestion } from '../network/http-exchange.ts';
import { CONNECT_MS } from '../network/network-problem.ts';
import type { Environment } from '../network/proxy-environment.ts';
import { createRequestBudget, type OverBudget } from '../network/request-budget.ts';
import { rateLimitOf, retryAfter } from '../network/response-headers.ts';
import { challengeOf, parseChallenges } from './auth-challenge.ts';
import type { Fingerprint } from './fingerprint.ts';
import { isApiAnswer, mayBePlain, otherDemand, registryChallenge, speaksPlain } from './greeting.ts';
import { createLoginGate } from './login-gate.ts';
import { maskCredential } from './mask-credential.ts';
import { apiHostOf, quirkOf } from './quirks/index.ts';
import type { Quirk } from './quirks/quirk.ts';
import { refusalOf } from './registry-error.ts';
import type { Reply } from './reply.ts';
import { createTokenKeeper } from './token-keeper.ts';
import { basicHeader, fetchToken, type TokenDemand } from './token-source.ts';

/** How registries are asked. */
export interface OciRegistryOptions {
  /** Lets loopback addresses be asked, over plain HTTP too, as runtimes do. */
  readonly allowLoopback: boolean;
  /** Registries (`host:port`) that may be sent logins over plain HTTP because the nodes do so. */
  readonly plainHttp?: readonly string[];
  readonly env?: Environment;
  readonly now?: () => number;
  /** Most requests to one registry within a minute. */
  readonly perMinute?: number;
  /** For one HTTP request, in milliseconds. */
  readonly timeoutMs?: number;
  /** For its connection, in milliseconds. */
  readonly connectMs?: number;
  /** Certificates trusted besides the usual ones, PEM. */
  readonly ca?: string;
}

/** One conversation about one image. `sent` counts its requests, those to token servers too. */
export interface Talk {
  readonly registry: string;
  readonly host: string;
  sent: number;
  readonly startedAt: number;
}

/** A question for the registry's API. */
export interface ApiQuestion {
  readonly path: string;
  readonly method: 'GET' | 'HEAD';
  readonly repository: string;
  readonly maxBytes: number;
  readonly accept?: string;
  /** False: a redirect is the answer. */
  readonly follow?: boolean;
}

/** Talks to registries: greeting, tokens, refused logins, budget. What is asked is up to the caller. */
export interface Dialogue {
  talkWith(registry: string): Talk;
  /** What a talk has cost so far. */
  cost(talk: Talk): { readonly requests: number; readonly milliseconds: number };
  ping(host: string, signal: AbortSignal): Promise<Ping>;
  ask(talk: Talk, credential: Credential, question: ApiQuestion): Promise<Reply>;
  /** Requests sent so far. */
  requests(): number;
}

const KEEP_MS = 60_000;
const MOST_KEPT = 10_000;
/** A server's word that a token, whoever's it is, does not allow this. */
const TOO_WEAK = 'insufficient_scope';

/** Opens a dialogue with registries; everything it learns stays in this process's memory. */
export function createDialogue(options: OciRegistryOptions, fingerprint: Fingerprint): Dialogue {
  const { now = Date.now, timeoutMs = 10_000, connectMs = CONNECT_MS, plainHttp = [] } = options;
  const guard = createAddressGuard(options);
  const http = createHttpClient({ guard, env: options.env ?? process.env, timeoutMs, connectMs, ca: options.ca });
  const budget = createRequestBudget({ perMinute: options.perMinute ?? 60, atOnce: 4, now });
  const remember = createAnswerMemory({ now, keepMs: KEEP_MS, most: MOST_KEPT });
  const tokens = createTokenKeeper({ now, keepMs: KEEP_MS, fetchMs: timeoutMs * 2, most: MOST_KEPT });
  const loginGate = createLoginGate({ now, keepMs: KEEP_MS });
  /** Registry families, learnt from the greeting's headers where the name does not tell. */
  const families = new Map<string, Quirk>();
  let requests = 0;

  const talkWith = (registry: string): Talk => ({ registry, host: apiHostOf(registry), sent: 0, startedAt: now() });
  const cost = (talk: Talk) => ({ requests: talk.sent, milliseconds: Math.max(0, Math.round(now() - talk.startedAt)) });

  /** Every request goes through here: counted, and within the budget of its registry. */
  function send(talk: Talk, question: HttpQuestion): Promise<Exchange | OverBudget> {
    let hops = 0;
    return budget.within(talk.host, () =>
      http(question, () => {
        requests += 1;
        talk.sent += 1;
        hops += 1;
        if (hops > 1) budget.charge(talk.host);
      }),
    );
  }

  async function greet(host: string): Promise<Ping> {
    const talk = talkWith(host);
    const secure = plainHttp.includes(talk.host) ? undefined : await greetOver(talk, 'https');
    const greeting = secure && !speaksPlain(secure, talk.host) ? secure : await greetOver(talk, 'http');
    return { ...greeting, ...cost(talk) };
  }

  async function greetOver(talk: Talk, scheme: 'https' | 'http'): Promise<Ping> {
    const url = URL.parse(`${scheme}://${talk.host}/v2/`);
    const about = { host: talk.host, ...cost(talk) };
    if (!url) return { ...about, status: 'unusable', because: `${talk.host} is not a host that can be asked` };
    const said = await send(talk, { url, method: 'GET', maxBytes: 64 * 1024 });
    if (said.kind !== 'response') return { ...about, ...withoutAnswer(said) };
    const challenge = registryChallenge(parseChallenges(said.headers['www-authenticate'] ?? ''));
    if (families.size >= MOST_KEPT) families.clear();
    families.set(talk.host, quirkOf(talk.host, said.headers));
    const isRegistry = said.headers['docker-distribution-api-version'] !== undefined || challenge !== undefined || isApiAnswer(said);
    return { ...about, status: 'answers', scheme, httpStatus: said.status, isRegistry, ...(challenge ? { challenge } : {}) };
  }

  /** The greeting is asked for once a minute, however many images a registry has and whichever step asks. */
  async function ping(host: string, signal?: AbortSignal): Promise<Ping> {
    const api = apiHostOf(host);
    // A greeting that failed, or was cut short by a limit, is no greeting to build on.
    const keep = (greeting: Ping) => greeting.status === 'unreachable' || (greeting.status === 'answers' && greeting.httpStatus < 429);
    const { answer, asked } = await remember({ key: api, ask: () => greet(api), keep, signal });
    return asked ? answer : { ...answer, requests: 0 };
  }

  async function ask(talk: Talk, credential: Credential, question: ApiQuestion): Promise<Reply> {
    const greeting = await ping(talk.host);
    talk.sent += greeting.requests;
    if (greeting.status !== 'answers') return greeting;
    if (credential.kind !== 'anonymous' && greeting.scheme === 'http' && !mayBePlain(talk.host, guard, plainHttp))
      return { status: 'not-asked', because: `${talk.host} speaks plain HTTP, and no login is sent over that` };
    if (credential.kind === 'anonymous') return converse(talk, credential, question, greeting);
    return loginGate.send({ host: talk.host, login: fingerprint(credential), repository: question.repository }, () =>
      converse(talk, credential, question, greeting),
    );
  }

  /** Asks with what the greeting demanded, and once more if the answer demands something else. */
  async function converse(
    talk: Talk,
    credential: Credential,
    question: ApiQuestion,
    greeting: Extract<Ping, { status: 'answers' }>,
  ): Promise<Reply> {
    const origin = new URL(`${greeting.scheme}://${talk.host}`);
    const url = URL.parse(question.path, origin.href);
    if (!url || url.origin !== origin.origin)
      return { status: 'unusable', because: `${talk.host} cannot be asked for ${question.repository}` };
    const scope = `repository:${question.repository}:pull`;
    const { challenge } = greeting;
    const first: Demand = {
      basic: challenge?.scheme === 'basic',
      ...(challenge?.scheme === 'bearer' ? { token: { ...challenge, scope } } : {}),
    };
    const asking = { talk, credential, question: { ...question, url }, origin, scope };
    const reply = await askOnce(asking, first);
    return reply.status === 'demanding' ? refusalIn(await askOnce(asking, reply.demand)) : reply;
  }

  async function askOnce(asking: Asking, demand: Demand): Promise<Reply | Demanding> {
    const { talk, credential, question } = asking;
    if (demand.basic && credential.kind === 'identity-token')
      return { status: 'not-asked', because: `${talk.host} takes user names and passwords, and the login is an identity token` };
    const ready = await authorize(talk, credential, demand, asking.origin);
    if (ready.status !== 'ready') return ready;
    const accept = question.accept === undefined ? {} : { accept: question.accept };
    const said = await send(talk, { ...question, headers: { ...accept, ...ready.headers } });
    if (said.kind !== 'response') return withoutAnswer(said);
    if (said.status < 400) return { status: 'reply', httpStatus: said.status, headers: said.headers, body: said.body };
    const refusal = refusalFrom(said, asking, ready);
    const next = said.status === 401 ? nextDemand(said.headers, demand, credential, asking.scope) : undefined;
    return next ? { status: 'demanding', demand: next, refusal } : refusal;
  }

  function refusalFrom(said: Extract<Exchange, { kind: 'response' }>, { talk, credential }: Asking, ready: Ready): Refusal {
    // A token that was refused is not used again: rights may be granted in the meantime.
    if (ready.tokenKey !== undefined && (said.status === 401 || said.status === 403)) tokens.forget(ready.tokenKey);
    const after = retryAfter(said.headers, now());
    const error = challengeOf(parseChallenges(said.headers['www-authenticate'] ?? ''), 'bearer')?.parameters['error'];
    const refusal = refusalOf(
      {
        status: said.status,
        body: maskCredential(said.body, credential, ready.token),
        ...(after === undefined ? {} : { retryAfterSeconds: after }),
      },
      {
        by: 'registry',
        quirk: familyOf(talk, said.headers),
        withLogin: credential.kind !== 'anonymous',
        // The token server knew the login; unless the registry calls the token itself bad, it is only too weak.
        withToken: ready.token !== undefined && credential.kind !== 'anonymous' && (error === undefined || error === TOO_WEAK),
      },
    );
    const limit = rateLimitOf(said.headers);
    return refusal.status === 'rate-limited' && limit ? { ...refusal, rateLimit: limit } : refusal;
  }

  function familyOf(talk: Talk, headers: Readonly<Record<string, string>> = {}): Quirk {
    const learnt = families.get(talk.host);
    return learnt && !learnt.conflatesMissing ? learnt : quirkOf(talk.registry, headers);
  }

  async function authorize(talk: Talk, credential: Credential, demand: Demand, origin: URL): Promise<Ready | Refusal> {
    if (!demand.token) return { status: 'ready', headers: demand.basic ? basicHeader(credential) : {} };
    const { realm, service, scope } = demand.token;
    const tokenKey = [realm, service, scope, fingerprint(credential)].join(' ');
    const wanted = demand.token;
    const answer = await tokens.get({ key: tokenKey, realm }, () =>
      fetchToken(wanted, credential, { send: (question) => send(talk, question), quirk: familyOf(talk), registry: origin }),
    );
    if (answer.status !== 'token') return answer;
    const token = answer.token.reveal();
    return { status: 'ready', headers: { authorization: `Bearer ${token}` }, token, tokenKey };
  }

  return { talkWith, cost, ping, ask, requests: () => requests };
}

/** What a registry wants to see before it answers. */
interface Demand {
  readonly basic: boolean;
  readonly token?: TokenDemand;
}

/** A refusal that says what would be accepted. */
interface Demanding {
  readonly status: 'demanding';
  readonly demand: Demand;
  readonly refusal: Refusal;
}

/** One question with everything that stays the same when it is asked again. */
interface Asking {
  readonly talk: Talk;
  readonly credential: Credential;
  readonly question: ApiQuestion & { readonly url: URL };
  readonly origin: URL;
  readonly scope: string;
}

/** What is sent along; the token for masking it, its key for forgetting it. */
interface Ready {
  readonly status: 'ready';
  readonly headers: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly tokenKey?: string;
}

function refusalIn(reply: Reply | Demanding): Reply {
  return reply.status === 'demanding' ? reply.refusal : reply;
}

/** What a 401 wants, if that is something else than it was shown. */
function nextDemand(headers: Readonly<Record<string, string>>, before: Demand, credential: Credential, scope: string): Demand | undefined {
  const challenges = parseChallenges(headers['www-authenticate'] ?? '');
  const token = otherDemand(challenges, before.token, scope);
  if (token) return { basic: false, token };
  const basic = !before.basic && !before.token && credential.kind === 'basic' && challengeOf(challenges, 'basic') !== undefined;
  return basic ? { basic } : undefined;
}

type NoAnswer = Exclude<Exchange, { kind: 'response' }> | OverBudget;

/** Why there is no HTTP answer, in the words of registry answers. */
function withoutAnswer(said: NoAnswer): Extract<Refusal, { status: 'unreachable' | 'unusable' | 'not-asked' }> {
  switch (said.kind) {
    case 'unreachable':
      return { status: 'unreachable', problem: said.problem, host: said.host, message: said.message };
    case 'unusable':
      return { status: 'unusable', because: said.because };
    case 'over-budget':
      return { status: 'not-asked', because: said.because };
    default:
      return said satisfies never;
  }
}
