import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { asCodedError, CodedError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import { endsWithin } from '../timing/deadline.ts';
import type { HttpAnswer, HttpRoute } from './handler.ts';

/** How a listener takes requests. Times in ms; all have defaults. */
export interface ListenerOptions {
  /** What it is called in the log. */
  readonly name: string;
  readonly log: Log;
  /** A request has to be there whole within this. */
  readonly requestMs?: number;
  /** How long a stop waits for requests that are being answered. */
  readonly stopMs?: number;
}

/** Listens for requests on one port. */
export interface Listener {
  /** Before `listen`. */
  route(route: HttpRoute): void;
  /** Throws `config/http` where the address cannot be listened on. Port 0 takes a free one; the answer says which. */
  listen(at: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }>;
  /** Takes no new request, lets those end that are being answered, and then cuts every connection, half-sent requests too. */
  stop(): Promise<void>;
}

const MAX_BYTES = 1024 * 1024;
const REQUEST_MS = 10_000;
const STOP_MS = 3_000;
/** Half-sent requests are looked for this often. */
const CHECK_MS = 1_000;
/** Idle connections are kept longer than load balancers keep theirs, so that none sends into one that is being closed. */
const KEEP_ALIVE_MS = 65_000;
/** At the same time; more are not accepted. */
const MAX_CONNECTIONS = 1_000;

/** A listener that is not open yet. Every body is taken as bytes, whatever it says it is. */
export function createListener({ name, log, requestMs = REQUEST_MS, stopMs = STOP_MS }: ListenerOptions): Listener {
  const server = fastify({
    bodyLimit: MAX_BYTES,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    exposeHeadRoutes: false,
    http: { headersTimeout: requestMs, connectionsCheckingInterval: Math.min(CHECK_MS, requestMs) },
    // A request that no one can answer any more, such as one that is cut off.
    clientErrorHandler: (_error, socket) => socket.destroy(),
  });
  server.server.maxConnections = MAX_CONNECTIONS;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setNotFoundHandler((_request, reply) => reply.code(404).send());
  server.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.warn('a request failed', { listener: name, because: asCodedError(error).message.slice(0, 300) });
    return reply.code(status).send();
  });

  return {
    route: (route) => addRoute(server, route),
    async listen({ host, port }) {
      try {
        await server.listen({ host, port });
      } catch (cause) {
        throw new CodedError('config/http', `Port ${port} of ${host} cannot be listened on: ${asCodedError(cause).message}`, { cause });
      }
      const address = server.server.address();
      return { port: typeof address === 'object' && address !== null ? address.port : port };
    },
    async stop() {
      const closed = server.close();
      if (!(await endsWithin(stopMs, closed))) server.server.closeAllConnections();
      await closed;
    },
  };
}

function addRoute(server: FastifyInstance, { methods, path, admit, handle, maxBytes }: HttpRoute): void {
  server.route<{ Params: Record<string, string> }>({
    method: [...methods],
    url: path,
    ...(maxBytes === undefined ? {} : { bodyLimit: maxBytes }),
    async onRequest({ headers, params }, reply) {
      const refusal = admit?.({ headers, params });
      // What is left of the request is nobody's; the connection would have to read it.
      return refusal ? send(reply.header('connection', 'close'), refusal) : undefined;
    },
    async handler(request, reply) {
      return send(reply, await handle({ headers: request.headers, params: request.params, body: bodyOf(request) }));
    },
  });
}

function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function send(reply: FastifyReply, { status, body, headers = {} }: HttpAnswer): FastifyReply {
  reply.code(status);
  for (const [name, value] of Object.entries(headers)) reply.header(name, value);
  if (typeof body === 'string') return (headers['content-type'] === undefined ? reply.type('text/plain; charset=utf-8') : reply).send(body);
  return body === undefined || body === null ? reply.send() : reply.type('application/json').send(JSON.stringify(body));
}
