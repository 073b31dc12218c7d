import { z } from 'zod';
import type { Credential } from '../facts/credential.ts';
import { parseJson } from '../facts/json.ts';
import type { Refusal } from '../facts/registry-answer.ts';
import { SecretText } from '../facts/secret-text.ts';
import { type Exchange, type HttpQuestion, withoutLogin } from '../network/http-exchange.ts';
import type { OverBudget } from '../network/request-budget.ts';
import { retryAfter } from '../network/response-headers.ts';
import { maskCredential } from './mask-credential.ts';
import type { Quirk } from './quirks/quirk.ts';
import { refusalOf } from './registry-error.ts';

/** Where and for what a registry wants a token. */
export interface TokenDemand {
  readonly realm: string;
  readonly service?: string | undefined;
  readonly scope: string;
}

/** A token, or why there is none. */
export type TokenAnswer = { readonly status: 'token'; readonly token: SecretText; readonly livesMs: number } | Refusal;

/** distribution-spec, auth/token: `token` and `access_token` mean the same; tokens live 60 s unless the server says more. */
const Body = z.object({
  token: z.string().nullish(),
  access_token: z.string().nullish(),
  expires_in: z.number().nullish().catch(undefined),
});
const MAX_TOKEN_BYTES = 256 * 1024;
const DEFAULT_LIFE_S = 60;
/** A token outlives a change of rights, so none is kept for longer. */
const MAX_LIFE_S = 60;

/** Asks a token server once: by GET with Basic or without a login, by POST with an identity token. */
export async function fetchToken(
  demand: TokenDemand,
  credential: Credential,
  how: { readonly send: (question: HttpQuestion) => Promise<Exchange | OverBudget>; readonly quirk: Quirk; readonly registry: URL },
): Promise<TokenAnswer> {
  const realm = URL.parse(demand.realm);
  const problem = realmProblem(realm, how.registry, credential);
  if (!realm || problem !== undefined)
    return { status: 'unusable', because: `the registry names a token server that is not asked: ${problem}` };
  const question =
    credential.kind === 'identity-token' ? postQuestion(realm, demand, credential.token) : getQuestion(realm, demand, credential);
  return interpret(await how.send(question), credential, how.quirk);
}

/** A token server must not be less protected than the registry that names it. */
function realmProblem(realm: URL | null, registry: URL, credential: Credential): string | undefined {
  if (!realm) return 'its address is not a URL';
  if (realm.protocol === 'https:') return undefined;
  if (realm.protocol !== 'http:') return `its scheme is ${realm.protocol.slice(0, 10)}`;
  if (registry.protocol === 'http:' && (credential.kind === 'anonymous' || realm.hostname === registry.hostname)) return undefined;
  return `${realm.host} speaks plain HTTP`;
}

function getQuestion(realm: URL, demand: TokenDemand, credential: Credential): HttpQuestion {
  const url = withoutLogin(realm);
  if (demand.service !== undefined) url.searchParams.set('service', demand.service);
  url.searchParams.set('scope', demand.scope);
  return { url, method: 'GET', maxBytes: MAX_TOKEN_BYTES, headers: { accept: 'application/json', ...basicHeader(credential) } };
}

function postQuestion(realm: URL, demand: TokenDemand, refreshToken: SecretText): HttpQuestion {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    service: demand.service ?? realm.hostname,
    client_id: 'imagepull',
    scope: demand.scope,
    refresh_token: refreshToken.reveal(),
  });
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  return { url: withoutLogin(realm), method: 'POST', maxBytes: MAX_TOKEN_BYTES, headers, body: form.toString() };
}

/** The Basic header of a user name and password; nothing for anybody else. */
export function basicHeader(credential: Credential): Readonly<Record<string, string>> {
  if (credential.kind !== 'basic') return {};
  const login = `${credential.username}:${credential.password.reveal()}`;
  return { authorization: `Basic ${Buffer.from(login, 'utf8').toString('base64')}` };
}

function interpret(exchange: Exchange | OverBudget, credential: Credential, quirk: Quirk): TokenAnswer {
  switch (exchange.kind) {
    case 'over-budget':
      return { status: 'not-asked', because: exchange.because };
    case 'unreachable':
      return { status: 'unreachable', problem: exchange.problem, host: exchange.host, message: `token server ${exchange.message}` };
    case 'unusable':
      return { status: 'unusable', because: `token server ${exchange.because}` };
    case 'response': {
      const { status, body, headers } = exchange;
      if (status !== 200) {
        const after = retryAfter(headers);
        return refusalOf(
          { status, body: maskCredential(body, credential), ...(after === undefined ? {} : { retryAfterSeconds: after }) },
          { by: 'token-server', quirk, withLogin: credential.kind !== 'anonymous' },
        );
      }
      const parsed = Body.safeParse(parseJson(body));
      const token = parsed.data?.token || parsed.data?.access_token;
      if (!token || !/^[\x21-\x7e]{1,65536}$/.test(token))
        return { status: 'unusable', because: 'the token server answers 200 without a token' };
      const seconds = Math.min(Math.max(parsed.data?.expires_in ?? DEFAULT_LIFE_S, 1), MAX_LIFE_S);
      return { status: 'token', token: new SecretText(token), livesMs: seconds * 1000 };
    }
    default:
      return exchange satisfies never;
  }
}
