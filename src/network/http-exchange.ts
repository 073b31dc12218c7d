import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { redact } from '../facts/redaction.ts';
import type { NetworkProblem } from '../facts/registry-answer.ts';
import { type AddressGuard, literalAddress } from './address-guard.ts';
import { NETWORK_WORDS, networkProblem } from './network-problem.ts';
import { type Environment, type HttpProxy, routeTo } from './proxy-environment.ts';
import { openTunnel, TunnelError } from './proxy-tunnel.ts';

/** What came back for one request, redirects followed. Bodies are at most as long as asked for; those of errors are cut. */
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
export type HttpClient = (question: HttpQuestion, sent: () => void) => Promise<Exchange>;

const MAX_REDIRECTS = 3;
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** How an HTTP client reaches servers. */
export interface HttpOptions {
  readonly guard: AddressGuard;
  readonly env: Environment;
  /** For one request and its body, in milliseconds. */
  readonly timeoutMs: number;
  /** For its connection, TLS included, in milliseconds. */
  readonly connectMs: number;
  /** Certificates trusted besides the usual ones, PEM. */
  readonly ca?: string | undefined;
}

/** An HTTP client that checks every address it connects to, follows redirects by hand and bounds everything. */
export function createHttpClient(options: HttpOptions): HttpClient {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  const connectMs = Math.min(options.connectMs, options.timeoutMs);
  const trusted = options.ca === undefined ? {} : { ca: options.ca };

  async function send(question: HttpQuestion): Promise<Exchange> {
    const { url } = question;
    const literal = literalAddress(url.hostname);
    const refusal = literal === undefined ? undefined : options.guard.refusal(literal);
    if (refusal !== undefined)
      return { kind: 'unreachable', problem: 'address-refused', host: url.host, message: `${url.host} is not connected to: ${refusal}` };
    const scheme = url.protocol === 'https:' ? 'https' : 'http';
    const route = routeTo({ scheme, host: url.hostname, port: portOf(url) }, options.env);
    if (route.kind === 'unusable') return { kind: 'unreachable', problem: 'proxy-failure', host: url.host, message: route.because };
    // Through a proxy the name is resolved there, so only what the URL itself says can be checked.
    if (route.kind === 'proxy') return settled(await attempt(question, (limit) => viaProxy(question, route.proxy, limit), true));
    const direct = (limit: AbortSignal, agent: HttpAgent | false) =>
      respond(question, { ...trusted, lookup: options.guard.lookup, agent, signal: limit, connectMs });
    const first = await attempt(question, (limit) => direct(limit, agents[scheme]), false);
    // A connection that was kept open may have been closed by the server meanwhile; that says nothing about it.
    return first === 'stale connection' ? settled(await attempt(question, (limit) => direct(limit, false), false)) : first;
  }

  /** A plain request is handed to the proxy as a whole; for TLS a tunnel is opened first. */
  async function viaProxy(question: HttpQuestion, proxy: HttpProxy, limit: AbortSignal): Promise<IncomingMessage> {
    const { url } = question;
    if (url.protocol === 'http:') {
      const login = proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization.reveal() };
      const how = { hostname: proxy.host, port: proxy.port, path: url.href, signal: limit, agent: false, connectMs } as const;
      return respond(
        { ...question, headers: { ...question.headers, ...login, host: url.host } },
        how,
        proxy.tls ? httpsRequest : httpRequest,
      );
    }
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = await openTunnel(proxy, { host, port: portOf(url) }, connectMs, limit);
    const secured = () => connectTls({ socket, host, ...(literalAddress(host) === undefined ? { servername: host } : {}), ...trusted });
    return respond(question, { createConnection: secured, signal: limit, connectMs });
  }

  /** One request with one time limit for everything; whatever node does, it ends. */
  async function attempt(
    question: HttpQuestion,
    open: (limit: AbortSignal) => Promise<IncomingMessage>,
    throughProxy: boolean,
  ): Promise<Exchange | 'stale connection'> {
    const limit = AbortSignal.timeout(options.timeoutMs);
    let answered = false;
    try {
      const response = await open(limit);
      answered = true;
      return await readResponse(response, question);
    } catch (error) {
      if (error instanceof StaleConnection && !limit.aborted) return 'stale connection';
      const timeoutMs = error instanceof NoConnection ? connectMs : options.timeoutMs;
      return failure(limit.aborted ? limit.reason : error, { url: question.url, answered, throughProxy, timeoutMs });
    }
  }

  return async (first, sent) => {
    let question = first;
    for (let hop = 0; ; hop++) {
      const exchange = await send(question);
      // A connection that did not come about carried no request.
      if (exchange.kind !== 'unreachable') sent();
      if (exchange.kind !== 'response' || question.follow === false || !REDIRECTS.has(exchange.status)) return exchange;
      const next = URL.parse(exchange.headers['location'] ?? '', question.url.href);
      const problem = redirectProblem(question, next);
      if (!next || problem !== undefined) return { kind: 'unusable', because: `${question.url.host} ${problem}` };
      if (hop === MAX_REDIRECTS) return { kind: 'unusable', because: `${first.url.host} redirects more than ${MAX_REDIRECTS} times` };
      question = redirected(question, next);
    }
  };
}

function settled(exchange: Exchange | 'stale connection'): Exchange {
  return exchange === 'stale connection' ? { kind: 'unusable', because: 'the connection breaks off again and again' } : exchange;
}

function redirectProblem(question: HttpQuestion, next: URL | null): string | undefined {
  if (!next || (next.protocol !== 'https:' && next.protocol !== 'http:')) return 'redirects to nowhere';
  if (question.url.protocol === 'https:' && next.protocol === 'http:') return `redirects from HTTPS to plain HTTP on ${next.host}`;
  // A form holds a login: it is sent once, to the server it was written for.
  return question.method === 'POST' ? `redirects a login to ${next.host}` : undefined;
}

/** The same question elsewhere: what is secret stays at the origin it was meant for, and no login of the server's choosing is sent. */
function redirected(question: HttpQuestion, next: URL): HttpQuestion {
  const url = withoutLogin(next);
  const { authorization, ...others } = question.headers ?? {};
  const same = url.origin === question.url.origin;
  return { ...question, url, headers: same && authorization !== undefined ? { ...others, authorization } : others };
}

/** A URL without user name and password; node would send them as Basic. */
export function withoutLogin(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80));
}

/** A kept connection that failed before anything came back. */
class StaleConnection extends Error {}

/** A connection that did not come about in time. */
class NoConnection extends Error {
  override readonly name = 'TimeoutError';
}

function respond(
  question: HttpQuestion,
  given: RequestOptions & { readonly signal: AbortSignal; readonly ca?: string; readonly connectMs: number },
  request: typeof httpRequest = question.url.protocol === 'https:' ? httpsRequest : httpRequest,
): Promise<IncomingMessage> {
  const { url, method, headers, body } = question;
  const { connectMs, ...options } = given;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sending: ClientRequest = request(url, {
      ...options,
      method,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: { 'user-agent': 'imagepull', ...headers, ...length },
    });
    sending.on('response', resolve);
    sending.on('socket', (socket) => {
      if (sending.reusedSocket) return;
      const timer = setTimeout(() => sending.destroy(new NoConnection('no connection in time')), connectMs);
      const clear = () => clearTimeout(timer);
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', clear);
      sending.once('close', clear);
    });
    sending.on('error', (error) => reject(sending.reusedSocket ? new StaleConnection('', { cause: error }) : error));
    // Node treats a switch of protocols as no response at all.
    sending.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error('the server switches protocols'));
    });
    sending.on('close', () => reject(new Error('the connection was closed without an answer')));
    options.signal.addEventListener('abort', () => reject(options.signal.reason), { once: true });
    sending.end(body);
  });
}

/** Reads at most so much of a body: more is refused, the text of an error is cut, and a body that breaks off throws. */
async function readResponse(response: IncomingMessage, question: HttpQuestion): Promise<Exchange> {
  const status = response.statusCode ?? 0;
  const most = status >= 400 ? Math.min(MAX_ERROR_BYTES, question.maxBytes) : question.maxBytes;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= most) continue;
    response.destroy();
    if (status >= 400) break;
    return { kind: 'unusable', because: `${question.url.host} answers with more than ${Math.round(most / 1024)} KiB` };
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value].flat().join(', ')]])),
  );
  return { kind: 'response', status, headers, body: Buffer.concat(chunks).subarray(0, most).toString('utf8') };
}

function failure(
  error: unknown,
  about: { readonly url: URL; readonly answered: boolean; readonly throughProxy: boolean; readonly timeoutMs: number },
): Exchange {
  const { host } = about.url;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'HPE_HEADER_OVERFLOW')
    return { kind: 'unusable', because: `${host} answers with more than ${MAX_HEADER_BYTES / 1024} KiB of headers` };
  if (code.startsWith('HPE_')) return { kind: 'unusable', because: `${host} answers with something that is not HTTP` };
  const problem = networkProblem(error);
  if (about.throughProxy && !problem?.startsWith('tls-')) {
    const why = error instanceof TunnelError ? error.message : NETWORK_WORDS[problem ?? 'proxy-failure'];
    return { kind: 'unreachable', problem: 'proxy-failure', host, message: `${host} cannot be reached through the proxy: ${why}` };
  }
  if (problem === undefined) {
    const said = redact(error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.name) : String(error));
    return { kind: 'unusable', because: `${host}: ${said.slice(0, 200)}` };
  }
  if (about.answered && problem !== 'timeout') return { kind: 'unusable', because: `${host} breaks off in the middle of its answer` };
  const message =
    problem === 'timeout' ? `${host} did not answer within ${about.timeoutMs / 1000} s` : `${host}: ${NETWORK_WORDS[problem]}`;
  return { kind: 'unreachable', problem, host, message };
}
