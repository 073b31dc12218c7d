import { createAnswerMemory } from '../answer-memory.ts';
import type { Credential } from '../diagnosis/credential.ts';
import type { Ping, Refusal } from '../diagnosis/registry-answer.ts';
import { type AddressGuard, createAddressGuard, literalAddress } from './address-guard.ts';
import { type AuthChallenge, challengeOf, parseChallenges } from './auth-challenge.ts';
import type { Fingerprint } from './fingerprint.ts';
import { createHttpClient, type Exchange, type HttpQuestion } from './http-exchange.ts';
import type { Environment } from './proxy-environment.ts';
import { apiHostOf, quirkOf } from './quirks/index.ts';
import { refusalOf } from './registry-error.ts';
import { createRequestBudget, type OverBudget } from './request-budget.ts';
import { retryAfter } from './response-headers.ts';
import { basicHeader, fetchToken, type TokenAnswer, type TokenDemand } from './token-source.ts';

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

/** A reply of the registry below 400, or why there is none. */
export type Reply =
  | { readonly status: 'reply'; readonly httpStatus: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | Refusal;

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
/** A token is used up to this part of its life. */
const TOKEN_SHARE = 0.8;

/** Opens a dialogue with registries; everything it learns stays in this process's memory. */
export function createDialogue(options: OciRegistryOptions, fingerprint: Fingerprint): Dialogue {
  const { now = Date.now, timeoutMs = 10_000, plainHttp = [] } = options;
  const guard = createAddressGuard(options);
  const http = createHttpClient({ guard, env: options.env ?? process.env, timeoutMs, ca: options.ca });
  const budget = createRequestBudget({ perMinute: options.perMinute ?? 60, atOnce: 4, now });
  const remember = createAnswerMemory({ now, keepMs: KEEP_MS, most: MOST_KEPT });
  const tokens = new Map<string, { readonly until: number; readonly answer: Promise<TokenAnswer> }>();
  /** Logins that were refused, by registry: asking again could lock the account. */
  const refused = new Map<string, { readonly until: number; readonly refusal: Refusal }>();
  let requests = 0;

  const talkWith = (registry: string): Talk => ({ registry, host: apiHostOf(registry), sent: 0, startedAt: now() });
  const cost = (talk: Talk) => ({ requests: talk.sent, milliseconds: Math.max(0, Math.round(now() - talk.startedAt)) });

  /** Every request goes through here: counted, and within the budget of its registry. */
  function send(talk: Talk, question: HttpQuestion): Promise<Exchange | OverBudget> {
    return budget.within(talk.host, () =>
      http(question, AbortSignal.timeout(timeoutMs * 2), () => {
        requests += 1;
        talk.sent += 1;
      }),
    );
  }

  async function greet(host: string): Promise<Ping> {
    const talk = talkWith(host);
    const secure = await greetOver(talk, 'https');
    const greeting = secure.status === 'unreachable' && secure.problem === 'plain-http' ? await greetOver(talk, 'http') : secure;
    return { ...greeting, ...cost(talk) };
  }

  async function greetOver(talk: Talk, scheme: 'https' | 'http'): Promise<Ping> {
    const url = URL.parse(`${scheme}://${talk.host}/v2/`);
    const about = { host: talk.host, ...cost(talk) };
    if (!url) return { ...about, status: 'unusable', because: `${talk.host} is not a host that can be asked` };
    const said = await send(talk, { url, method: 'GET', maxBytes: 64 * 1024 });
    if (said.kind !== 'response') return { ...about, ...withoutAnswer(said) };
    const challenge = registryChallenge(parseChallenges(said.headers['www-authenticate'] ?? ''));
    const isRegistry = said.headers['docker-distribution-api-version'] !== undefined || challenge !== undefined || isApiAnswer(said);
    return { ...about, status: 'answers', scheme, httpStatus: said.status, isRegistry, ...(challenge ? { challenge } : {}) };
  }

  /** The greeting is asked for once a minute, however many images a registry has and whichever step asks. */
  async function ping(host: string, signal?: AbortSignal): Promise<Ping> {
    const api = apiHostOf(host);
    const { answer, asked } = await remember(api, () => greet(api), signal);
    return asked ? answer : { ...answer, requests: 0 };
  }

  async function ask(talk: Talk, credential: Credential, question: ApiQuestion): Promise<Reply> {
    const greeting = await ping(talk.host);
    talk.sent += greeting.requests;
    if (greeting.status !== 'answers') return greeting;
    const origin = new URL(`${greeting.scheme}://${talk.host}`);
    if (credential.kind !== 'anonymous' && greeting.scheme === 'http' && !mayBePlain(talk.host, guard, plainHttp))
      return { status: 'not-asked', because: `${talk.host} speaks plain HTTP, and no login is sent over that` };
    const known = refused.get(refusedKey(talk, credential));
    if (known && known.until > now()) return known.refusal;

    const scope = `repository:${question.repository}:pull`;
    let demand: TokenDemand | undefined = greeting.challenge?.scheme === 'bearer' ? { ...greeting.challenge, scope } : undefined;
    const basic = greeting.challenge?.scheme === 'basic';
    for (let attempt = 1; ; attempt++) {
      const authorization = await authorize(talk, credential, { demand, basic, origin });
      if (authorization.status !== 'ready') return keptRefusal(talk, credential, authorization);
      const headers = { ...(question.accept === undefined ? {} : { accept: question.accept }), ...authorization.headers };
      const said = await send(talk, { ...question, url: new URL(question.path, origin), headers });
      if (said.kind !== 'response') return withoutAnswer(said);
      const other = said.status === 401 && attempt === 1 ? otherDemand(said.headers, demand, scope) : undefined;
      if (other) {
        demand = other;
        continue;
      }
      if (said.status < 400) return { status: 'reply', httpStatus: said.status, headers: said.headers, body: said.body };
      const after = retryAfter(said.headers, now());
      const refusal = refusalOf(
        { status: said.status, body: said.body, ...(after === undefined ? {} : { retryAfterSeconds: after }) },
        {
          by: 'registry',
          quirk: quirkOf(talk.registry, said.headers),
          withLogin: credential.kind !== 'anonymous',
          withToken: demand !== undefined && (credential.kind === 'basic' || credential.kind === 'identity-token'),
        },
      );
      // Basic is the login itself; with a token the login was accepted, and only this repository is refused.
      return authorization.headers['authorization']?.startsWith('Basic ') ? keptRefusal(talk, credential, refusal) : refusal;
    }
  }

  function refusedKey(talk: Talk, credential: Credential): string {
    return `${talk.host} ${fingerprint(credential)}`;
  }

  /** A login that was refused is not sent again for a minute, whichever image asks. */
  function keptRefusal(talk: Talk, credential: Credential, refusal: Refusal): Refusal {
    if (credential.kind !== 'anonymous' && refusal.status === 'unauthorized') {
      if (refused.size >= MOST_KEPT) refused.clear();
      refused.set(refusedKey(talk, credential), { until: now() + KEEP_MS, refusal });
    }
    return refusal;
  }

  async function authorize(
    talk: Talk,
    credential: Credential,
    how: { readonly demand: TokenDemand | undefined; readonly basic: boolean; readonly origin: URL },
  ): Promise<{ readonly status: 'ready'; readonly headers: Readonly<Record<string, string>> } | Refusal> {
    if (credential.kind === 'registry-token') return { status: 'ready', headers: { authorization: `Bearer ${credential.token.reveal()}` } };
    if (!how.demand) return { status: 'ready', headers: how.basic ? basicHeader(credential) : {} };
    const answer = await tokenFor(talk, credential, how.demand, how.origin);
    return answer.status === 'token' ? { status: 'ready', headers: { authorization: `Bearer ${answer.token.reveal()}` } } : answer;
  }

  /** A token is kept for most of its life; one that two questions want at the same time is fetched once. */
  async function tokenFor(talk: Talk, credential: Credential, demand: TokenDemand, origin: URL): Promise<TokenAnswer> {
    const key = [demand.realm, demand.service, demand.scope, fingerprint(credential)].join(' ');
    const kept = tokens.get(key);
    if (kept && kept.until > now()) return kept.answer;
    if (tokens.size >= MOST_KEPT) tokens.clear();
    const answer = fetchToken(demand, credential, { send: (question) => send(talk, question), quirk: quirkOf(talk.registry), registry: origin });
    tokens.set(key, { until: now() + timeoutMs * 2, answer });
    const given = await answer;
    if (given.status === 'token') tokens.set(key, { until: now() + given.livesMs * TOKEN_SHARE, answer });
    else tokens.delete(key);
    return given;
  }

  return { talkWith, cost, ping, ask, requests: () => requests };
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

/** The challenge that leads to a pull: Bearer before Basic, as runtimes choose. */
function registryChallenge(challenges: readonly AuthChallenge[]) {
  const bearer = bearerOf(challenges);
  if (bearer) return { scheme: 'bearer', ...bearer } as const;
  const basic = challengeOf(challenges, 'basic');
  return basic ? ({ scheme: 'basic', realm: basic.parameters['realm'] ?? '' } as const) : undefined;
}

function bearerOf(challenges: readonly AuthChallenge[]): { readonly realm: string; readonly service?: string } | undefined {
  const parameters = challengeOf(challenges, 'bearer')?.parameters;
  const realm = parameters?.['realm'];
  const service = parameters?.['service'];
  return realm === undefined ? undefined : { realm, ...(service === undefined ? {} : { service }) };
}

/** What a 401 demands, if that is another token than the greeting demanded. */
function otherDemand(headers: Readonly<Record<string, string>>, before: TokenDemand | undefined, scope: string): TokenDemand | undefined {
  const challenges = parseChallenges(headers['www-authenticate'] ?? '');
  const bearer = bearerOf(challenges);
  if (!bearer) return undefined;
  const demand = { ...bearer, scope: challengeOf(challenges, 'bearer')?.parameters['scope'] || scope };
  const same = before?.realm === demand.realm && before.service === demand.service && before.scope === demand.scope;
  return same ? undefined : demand;
}

function isApiAnswer(said: Extract<Exchange, { kind: 'response' }>): boolean {
  const isJson = /^application\/(?:[a-z.]{1,60}\+)?json/.test(said.headers['content-type'] ?? '');
  return (said.status === 200 && /^\s*\{\s*\}\s*$/.test(said.body)) || (isJson && said.body.includes('"errors"'));
}

/** Runtimes speak plain HTTP to registries on loopback, so their logins travel so as well. */
function mayBePlain(host: string, guard: AddressGuard, plainHttp: readonly string[]): boolean {
  if (plainHttp.includes(host)) return true;
  const { hostname } = new URL(`http://${host}`);
  if (hostname === 'localhost') return true;
  const address = literalAddress(hostname);
  return address !== undefined && /^127\.|^::1$/.test(address) && guard.refusal(address) === undefined;
}
