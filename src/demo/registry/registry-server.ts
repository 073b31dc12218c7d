import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Content } from './images.ts';
import { Repositories } from './repositories.ts';
import { Tokens } from './tokens.ts';

/** What a registry in trouble answers everything with. */
export interface Trouble {
  readonly status: 403 | 429 | 500 | 503;
  readonly retryAfterS?: number;
  /** Only who has no account is answered so; everybody has to have a token. */
  readonly anonymousOnly?: true;
}

/** A local stand-in for a registry: pulls by the distribution API over HTTP on loopback. Nothing can be pushed over HTTP. */
export interface RegistryServer {
  /** As images begin with it: `127.0.0.1:PORT`. */
  readonly host: string;
  readonly repositories: Repositories;
  /** `METHOD path?query` of every request so far, the newest last; the oldest are forgotten. */
  readonly requests: readonly string[];
  /** In trouble from now on, or well again; `gone` listens no more until then. */
  meet(trouble: Trouble | 'gone' | undefined): Promise<void>;
  stop(): Promise<void>;
}

/** Codes of the specification, with what is said beside them. */
const ERRORS = {
  401: ['UNAUTHORIZED', 'authentication required'],
  403: ['DENIED', 'requested access to the resource is denied'],
  404: ['MANIFEST_UNKNOWN', 'manifest unknown'],
  429: ['TOOMANYREQUESTS', 'too many requests'],
  500: ['UNKNOWN', 'unknown error'],
  503: ['UNAVAILABLE', 'service unavailable'],
} as const;
const SERVICE = 'demo-registry';
const MAX_REQUESTS = 10_000;

/** Starts an empty one on a free loopback port. */
export async function startRegistry(): Promise<RegistryServer> {
  const repositories = new Repositories();
  const tokens = new Tokens(repositories);
  const requests: string[] = [];
  let trouble: Trouble | undefined;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (requests.length > MAX_REQUESTS) requests.shift();
    request.resume();
    if (trouble && !trouble.anonymousOnly) return void inTrouble(response, trouble);
    answer(request, response);
  });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;

  async function listen(at: number): Promise<void> {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  }

  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.closeAllConnections();
    server.close();
    await closed;
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', `http://${host}`);
    if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
    if (url.pathname === '/v2/') return void json(response, 200, {});
    if (url.pathname === '/token') return void giveToken(url, request, response);
    const [, repository = '', what = '', reference = ''] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (trouble && limited(repository, { request, response, trouble })) return;
    const allowed = tokens.allows(repository, request.headers.authorization);
    if (allowed !== 'yes') return void challenge(response, repository, allowed);
    if (what === 'tags') return void listTags(repository, url.searchParams, response);
    serveContent(repository, { isBlob: what === 'blobs', reference }, response);
  }

  /** Whether a request was refused because nobody stands behind it who has an account. */
  function limited(
    repository: string,
    { request, response, trouble }: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly trouble: Trouble },
  ): boolean {
    const holder = tokens.holder(request.headers.authorization);
    if (holder === 'nobody') challenge(response, repository, 'no');
    if (holder === 'anonymous') inTrouble(response, trouble);
    return holder !== 'account';
  }

  function serveContent(
    repository: string,
    { isBlob, reference }: { readonly isBlob: boolean; readonly reference: string },
    response: ServerResponse,
  ): void {
    const content = isBlob ? repositories.blob(repository, reference) : repositories.manifest(repository, reference);
    // Without a repository of that name docker-registry says the same.
    if (content) serve(response, content);
    else refuse(response, 404, {}, isBlob ? ['BLOB_UNKNOWN', 'blob unknown to registry'] : ERRORS[404]);
  }

  function giveToken(url: URL, { headers }: IncomingMessage, response: ServerResponse): void {
    const token = tokens.give(url.searchParams.get('scope') ?? '', headers.authorization);
    if (token === undefined) refuse(response, 401, {}, ['UNAUTHORIZED', 'incorrect username or password']);
    else json(response, 200, { token, expires_in: 300 });
  }

  function challenge(response: ServerResponse, repository: string, allowed: 'no' | 'insufficient'): void {
    const error = allowed === 'insufficient' ? ',error="insufficient_scope"' : '';
    const asked = `Bearer realm="http://${host}/token",service="${SERVICE}",scope="repository:${repository}:pull"${error}`;
    refuse(response, 401, { 'www-authenticate': asked });
  }

  function listTags(name: string, query: URLSearchParams, response: ServerResponse): void {
    const all = repositories.tagsOf(name);
    if (!all) return void refuse(response, 404, {}, ['NAME_UNKNOWN', 'repository name not known to registry']);
    const last = query.get('last');
    const rest = last === null ? all : all.filter((tag) => tag > last);
    const tags = rest.slice(0, Number(query.get('n') ?? rest.length));
    const more = `</v2/${name}/tags/list?n=${tags.length}&last=${tags.at(-1)}>; rel="next"`;
    json(response, 200, { name, tags }, tags.length < rest.length ? { link: more } : {});
  }

  return {
    host,
    repositories,
    requests,
    async meet(next) {
      trouble = next === 'gone' ? undefined : next;
      if (next === 'gone') await close();
      else if (!server.listening) await listen(port);
    },
    stop: close,
  };
}

type Headers = Readonly<Record<string, string | number>>;

function json(response: ServerResponse, status: number, body: object, headers: Headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', 'docker-distribution-api-version': 'registry/2.0', ...headers });
  response.end(JSON.stringify(body));
}

function refuse(
  response: ServerResponse,
  status: keyof typeof ERRORS,
  headers: Headers = {},
  [code, message]: readonly [code: string, message: string] = ERRORS[status],
): void {
  json(response, status, { errors: [{ code, message }] }, headers);
}

function inTrouble(response: ServerResponse, { status, retryAfterS }: Trouble): void {
  refuse(response, status, retryAfterS === undefined ? {} : { 'retry-after': retryAfterS });
}

/** The body of a HEAD is left out by the server itself. */
function serve(response: ServerResponse, { type, bytes, digest }: Content): void {
  response.writeHead(200, { 'content-type': type, 'content-length': bytes.length, 'docker-content-digest': digest }).end(bytes);
}
