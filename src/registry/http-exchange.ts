import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { redact } from '../diagnosis/redaction.ts';
import type { NetworkProblem } from '../diagnosis/registry-answer.ts';
import { type AddressGuard, literalAddress } from './address-guard.ts';
import { networkProblem } from './network-problem.ts';
import { type Environment, type Proxy, routeTo } from './proxy-environment.ts';

/** What came back for one request, redirects followed. Bodies are at most as long as asked for. */
export type Exchange =
  | { readonly kind: 'response'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | { readonly kind: 'unreachable'; readonly problem: NetworkProblem; readonly host: string; readonly message: string }
  | { readonly kind: 'unusable'; readonly because: string };

/** One request. Headers are in lower case; `authorization` goes to this URL's origin only. */
export interface HttpQuestion {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxBytes: number;
  /** False: a redirect is the answer. */
  readonly follow?: boolean;
}

/** Sends requests; `sent` is called for each one that reached a server, redirects included. */
export type HttpClient = (question: HttpQuestion, signal: AbortSignal, sent?: () => void) => Promise<Exchange>;

const MAX_REDIRECTS = 5;
const MAX_HEADER_BYTES = 64 * 1024;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** How an HTTP client reaches servers. */
export interface HttpOptions {
  readonly guard: AddressGuard;
  readonly env: Environment;
  /** For one request and its body, in milliseconds. */
  readonly timeoutMs: number;
  /** Certificates trusted besides the usual ones, PEM. */
  readonly ca?: string | undefined;
}

/** An HTTP client that checks every address it connects to, follows redirects by hand and bounds everything. */
export function createHttpClient(options: HttpOptions): HttpClient {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  const proxied = new Map<string, { readonly http: HttpAgent; readonly https: HttpsAgent }>();

  /** Through a proxy the name is resolved there, so only what the URL itself says can be checked. */
  function agentsFor(proxy: Proxy): { readonly http: HttpAgent; readonly https: HttpsAgent } {
    const known = proxied.get(proxy.name);
    if (known) return known;
    const url = proxyUrl(proxy);
    const proxyEnv = { HTTP_PROXY: url, HTTPS_PROXY: url };
    const made = { http: new HttpAgent({ proxyEnv }), https: new HttpsAgent({ proxyEnv }) };
    proxied.set(proxy.name, made);
    return made;
  }

  async function send(question: HttpQuestion, signal: AbortSignal): Promise<Exchange> {
    const { url } = question;
    const literal = literalAddress(url.hostname);
    const refusal = literal === undefined ? undefined : options.guard.refusal(literal);
    if (refusal !== undefined)
      return { kind: 'unreachable', problem: 'address-refused', host: url.host, message: `${url.host} is not connected to: ${refusal}` };
    const scheme = url.protocol === 'https:' ? 'https' : 'http';
    const route = routeTo({ scheme, host: url.hostname, port: Number(url.port || (scheme === 'https' ? 443 : 80)) }, options.env);
    if (route.kind === 'unusable') return { kind: 'unreachable', problem: 'proxy-failure', host: url.host, message: route.because };
    const throughProxy = route.kind === 'proxy';
    const agent = (throughProxy ? agentsFor(route.proxy) : agents)[scheme];
    const how = throughProxy ? {} : { lookup: options.guard.lookup };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
    let answered = false;
    try {
      const response = await respond(question, { ...how, agent, signal: limit, ...(options.ca === undefined ? {} : { ca: options.ca }) });
      answered = true;
      return await readResponse(response, question);
    } catch (error) {
      return failure(error, { url, answered, throughProxy, timeoutMs: options.timeoutMs });
    }
  }

  return async (first, signal, sent) => {
    let question = first;
    for (let hop = 0; ; hop++) {
      const exchange = await send(question, signal);
      // A connection that did not come about carried no request.
      if (exchange.kind !== 'unreachable') sent?.();
      if (exchange.kind !== 'response' || question.follow === false || !REDIRECTS.has(exchange.status)) return exchange;
      const next = URL.parse(exchange.headers['location'] ?? '', question.url.href);
      if (!next || (next.protocol !== 'https:' && next.protocol !== 'http:'))
        return { kind: 'unusable', because: `${question.url.host} redirects to nowhere` };
      if (hop === MAX_REDIRECTS) return { kind: 'unusable', because: `${first.url.host} redirects more than ${MAX_REDIRECTS} times` };
      if (question.url.protocol === 'https:' && next.protocol === 'http:')
        return { kind: 'unusable', because: `${question.url.host} redirects from HTTPS to plain HTTP on ${next.host}` };
      question = redirected(question, next);
    }
  };
}

/** The proxy as node's agents take it, login and all. */
function proxyUrl({ tls, host, port, authorization }: Proxy): string {
  const login = authorization === undefined ? '' : Buffer.from(authorization.reveal().slice('Basic '.length), 'base64').toString();
  const url = new URL(`${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`);
  const colon = login.indexOf(':');
  url.username = encodeURIComponent(colon < 0 ? login : login.slice(0, colon));
  url.password = encodeURIComponent(colon < 0 ? '' : login.slice(colon + 1));
  return url.href;
}

/** The same question elsewhere: what is secret stays at the origin it was meant for. */
function redirected(question: HttpQuestion, url: URL): HttpQuestion {
  const { authorization, ...others } = question.headers ?? {};
  const same = url.origin === question.url.origin;
  const headers = same && authorization !== undefined ? { ...others, authorization } : others;
  // A form holds a login: it is sent once, to the server it was written for.
  if (question.method !== 'POST') return { ...question, url, headers };
  return { url, headers, method: 'GET', maxBytes: question.maxBytes };
}

function respond(question: HttpQuestion, options: RequestOptions & { readonly ca?: string }): Promise<IncomingMessage> {
  const { url, method, headers, body } = question;
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sending = request(url, {
      ...options,
      method,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: { 'user-agent': 'imagepull', ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) },
    });
    sending.on('response', resolve);
    sending.on('error', reject);
    sending.end(body);
  });
}

/** Reads at most so much of a body; more is refused, and so is a body that breaks off. */
async function readResponse(response: IncomingMessage, question: HttpQuestion): Promise<Exchange> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > question.maxBytes) {
      response.destroy();
      return { kind: 'unusable', because: `${question.url.host} answers with more than ${Math.round(question.maxBytes / 1024)} KiB` };
    }
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value].flat().join(', ')]])),
  );
  return { kind: 'response', status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('utf8') };
}

function failure(
  error: unknown,
  about: { readonly url: URL; readonly answered: boolean; readonly throughProxy: boolean; readonly timeoutMs: number },
): Exchange {
  const { host } = about.url;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'HPE_HEADER_OVERFLOW') return { kind: 'unusable', because: `${host} answers with more than ${MAX_HEADER_BYTES / 1024} KiB of headers` };
  if (code.startsWith('HPE_')) return { kind: 'unusable', because: `${host} answers with something that is not HTTP` };
  const problem = networkProblem(error);
  if (problem === undefined) {
    const said = redact(error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.name) : String(error));
    return { kind: 'unusable', because: `${host}: ${said.slice(0, 200)}` };
  }
  if (about.answered && problem !== 'timeout') return { kind: 'unusable', because: `${host} breaks off in the middle of its answer` };
  if (about.throughProxy) {
    const behind = problem.startsWith('tls-') ? problem : 'proxy-failure';
    return { kind: 'unreachable', problem: behind, host, message: `${host} cannot be reached through the proxy: ${WORDS[problem]}` };
  }
  const message = problem === 'timeout' ? `${host} did not answer within ${about.timeoutMs / 1000} s` : `${host}: ${WORDS[problem]}`;
  return { kind: 'unreachable', problem, host, message };
}

/** Fixed words: node's own messages hold addresses and paths that say less. */
const WORDS: Readonly<Record<NetworkProblem, string>> = {
  'dns-failure': 'its name cannot be resolved',
  timeout: 'no answer in time',
  'connection-refused': 'connection refused',
  'connection-reset': 'the connection was cut',
  unreachable: 'there is no route to it',
  'tls-untrusted': 'its certificate is signed by an authority that is not trusted here',
  'tls-expired': 'its certificate has expired, or is not valid yet',
  'tls-hostname': 'its certificate is for another name',
  'plain-http': 'it speaks plain HTTP on this port',
  'proxy-failure': 'the proxy refuses or fails',
  'address-refused': 'all of its addresses are refused (link-local, metadata or loopback)',
};
