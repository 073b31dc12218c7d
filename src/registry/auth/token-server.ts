import { z } from 'zod';
import type { Credential } from '../../facts/credential.ts';
import { parseJson } from '../../facts/json.ts';
import { isLoopback } from '../../facts/loopback.ts';
import type { Refusal } from '../../facts/registry-answer.ts';
import { SecretText } from '../../facts/secret-text.ts';
import { isListed } from '../../network/host-list.ts';
import { type Exchange, type HttpRequest, hostOf, portOf, withoutLogin } from '../../network/http/exchange.ts';
import { retryAfter } from '../../network/http/headers.ts';
import { literalAddress } from '../../network/ip-address.ts';
import type { OverBudget } from '../../network/request-budget.ts';
import { withoutResponse } from '../no-answer.ts';
import { familyByHost, type Quirk } from '../quirks.ts';
import { refusalOf } from '../registry-error.ts';
import type { TokenDemand } from './demand.ts';
import { maskCredential } from './mask-credential.ts';

/** Token servers by the registry that may send logins there: both as `host` or `host:port`, the registry as image references name it. */
export type TokenServers = Readonly<Record<string, readonly string[]>>;

/** A token, or why there is none. */
export type TokenAnswer = { readonly status: 'token'; readonly token: SecretText; readonly livesMs: number } | Refusal;

/** The registry that names a token server. */
export interface NamingRegistry {
  /** As the image reference names it. */
  readonly name: string;
  /** Scheme, host and port of its API. */
  readonly origin: URL;
  readonly family: Quirk;
}

/** How a token server is asked. */
export interface TokenRequest {
  readonly demand: TokenDemand;
  readonly credential: Credential;
  readonly registry: NamingRegistry;
  readonly tokenServers: TokenServers;
  readonly send: (request: HttpRequest) => Promise<Exchange | OverBudget>;
}

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

/**
 * Asks a token server once: by GET with Basic or without a login, by POST with an identity token. A login goes only to a server that is
 * known to belong to the registry; see docs/decisions/0017.
 */
export async function fetchToken({ demand, credential, registry, tokenServers, send }: TokenRequest): Promise<TokenAnswer> {
  const realm = URL.parse(demand.realm);
  const problem = realmProblem(realm, registry.origin, credential);
  if (!realm || problem !== undefined)
    return { status: 'unusable', because: `the registry names a token server that is not asked: ${problem}` };
  const isSame = isSameServer(realm, registry.origin);
  if (credential.kind !== 'anonymous' && !isSame && !belongsTo(realm, registry.name, tokenServers))
    return {
      status: 'not-asked',
      because: `the login was not tried, since the token server ${realm.host} is another host than ${registry.name}; registries.tokenServers (--token-server) can say that it belongs to it`,
    };
  const namedBy = isSame && isProven(realm) ? 'image' : 'answer';
  const request =
    credential.kind === 'identity-token' ? postRequest(realm, demand, credential.token) : getRequest(realm, demand, credential);
  return readToken(await send({ ...request, namedBy }), credential, registry.family);
}

/** A token server must not be less protected than the registry that names it. */
function realmProblem(realm: URL | null, registry: URL, credential: Credential): string | undefined {
  if (!realm) return 'its address is not a URL';
  if (realm.protocol === 'https:') return undefined;
  if (realm.protocol !== 'http:') return `its scheme is ${realm.protocol.slice(0, 10)}`;
  if (registry.protocol === 'http:' && (credential.kind === 'anonymous' || realm.hostname === registry.hostname)) return undefined;
  return `${realm.host} speaks plain HTTP`;
}

function isSameServer(realm: URL, registry: URL): boolean {
  return realm.hostname === registry.hostname && portOf(realm) === portOf(registry);
}

/** Whether the vendor's documentation or the configuration says that a token server belongs to a registry; headers could say anything. */
function belongsTo(realm: URL, registry: string, tokenServers: TokenServers): boolean {
  const known = familyByHost(registry)?.tokenHosts ?? [];
  const configured = Object.entries(tokenServers).flatMap(([name, servers]) =>
    name.toLowerCase() === registry.toLowerCase() ? servers : [],
  );
  return isListed([...known, ...configured], { host: hostOf(realm), port: portOf(realm) });
}

/** Whether the server at the realm must be the one that named it: by its certificate, or since an address cannot lead elsewhere. */
function isProven(realm: URL): boolean {
  return realm.protocol === 'https:' || literalAddress(realm.hostname) !== undefined || isLoopback(realm.hostname);
}

type BareRequest = Omit<HttpRequest, 'namedBy'>;

function getRequest(realm: URL, demand: TokenDemand, credential: Credential): BareRequest {
  const url = withoutLogin(realm);
  if (demand.service !== undefined) url.searchParams.set('service', demand.service);
  url.searchParams.set('scope', demand.scope);
  return { url, method: 'GET', maxBytes: MAX_TOKEN_BYTES, headers: { accept: 'application/json', ...basicHeader(credential) } };
}

function postRequest(realm: URL, demand: TokenDemand, refreshToken: SecretText): BareRequest {
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

function readToken(exchange: Exchange | OverBudget, credential: Credential, quirk: Quirk): TokenAnswer {
  if (exchange.kind !== 'response') return tokenServerWords(withoutResponse(exchange));
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

/** What is told of the token server is not to be taken for the registry's. A server that may not be asked is not out of reach. */
function tokenServerWords(refusal: ReturnType<typeof withoutResponse>): Refusal {
  switch (refusal.status) {
    case 'unreachable': {
      const message = `token server ${refusal.message}`;
      return refusal.problem === 'address-refused' ? { status: 'not-asked', because: message } : { ...refusal, message };
    }
    case 'unusable':
      return { status: 'unusable', because: `token server ${refusal.because}` };
    case 'not-asked':
      return refusal;
    default:
      return refusal satisfies never;
  }
}
