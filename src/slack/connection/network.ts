import type { Socket } from 'node:net';
import type { FetchFunction } from '@slack/web-api';
import { Agent, buildConnector, type Dispatcher, fetch as fetchWith, type RequestInit } from 'undici';
import { CodedError } from '../../errors.ts';
import { redact } from '../../facts/redaction.ts';
import { NETWORK_WORDS, networkProblem } from '../../network/network-problem.ts';
import { type Environment, type HttpProxy, routeTo } from '../../network/proxy-environment.ts';
import { openTunnel, TunnelError } from '../../network/proxy-tunnel.ts';

/** The way to Slack, through a proxy where the environment names one. */
export interface SlackNetwork {
  /** For the Web API and response URLs. */
  readonly fetch: FetchFunction;
  /** For WebSockets. */
  readonly dispatcher: Dispatcher;
  /** Where and why the latest connection did not come about; undefined when it did. */
  failure(): string | undefined;
  /** Cuts every WebSocket, also one whose other end says nothing any more. */
  cutWebSockets(): void;
}

const CONNECT_MS = 10_000;

/** Throws `config/proxy` where the environment names a way to that address that nothing can go. */
export function checkWay(address: string, env: Environment): void {
  const { protocol, hostname, port } = new URL(address);
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const route = routeTo({ scheme, host: hostname, port: Number(port) || (scheme === 'https' ? 443 : 80) }, env);
  if (route.kind !== 'unusable') return;
  throw new CodedError('config/proxy', `${route.because}. Write http://HOST:PORT, or unset it to reach ${hostname} directly.`);
}

/** Connections by HTTPS_PROXY, NO_PROXY and the like, read as for registries; NODE_EXTRA_CA_CERTS holds for them as for everything. */
export function createSlackNetwork(env: Environment): SlackNetwork {
  let failure: string | undefined;
  const webSockets = new Set<Socket>();
  const noteFailure = (why: string | undefined) => {
    failure = why;
  };
  const calls = new Agent({ connect: connectorFor(env, noteFailure) });
  return {
    fetch: (url, init) => fetchWith(url, { ...(init as RequestInit | undefined), dispatcher: calls }),
    dispatcher: new Agent({
      connect: connectorFor(env, noteFailure, (socket) => {
        webSockets.add(socket);
        socket.once('close', () => webSockets.delete(socket));
      }),
    }),
    failure: () => failure,
    cutWebSockets() {
      for (const socket of webSockets) socket.destroy();
    },
  };
}

function connectorFor(
  env: Environment,
  noteFailure: (why: string | undefined) => void,
  opened: (socket: Socket) => void = () => undefined,
): buildConnector.connector {
  // HTTP/1.1, because a WebSocket needs a connection of its own.
  const connectTo = buildConnector({ allowH2: false, timeout: CONNECT_MS });
  return (options, callback) => {
    const { hostname } = options;
    const scheme = options.protocol === 'https:' ? 'https' : 'http';
    const port = Number(options.port) || (scheme === 'https' ? 443 : 80);
    const route = routeTo({ scheme, host: hostname, port }, env);
    const done: buildConnector.Callback = (...[error, socket]) => {
      if (error) {
        const way = route.kind === 'proxy' ? ` through the proxy ${route.proxy.name}` : '';
        noteFailure(`${hostname}${way}: ${networkReason(error) ?? redact(error.message.slice(0, 200))}`);
        return callback(error, null);
      }
      noteFailure(undefined);
      opened(socket);
      callback(null, socket);
    };
    switch (route.kind) {
      case 'direct':
        return connectTo(options, done);
      case 'unusable':
        return done(new TunnelError(route.because), null);
      case 'proxy':
        return void tunnelled(route.proxy, { host: hostname, port }, done, (httpSocket) =>
          scheme === 'https' ? connectTo({ ...options, httpSocket }, done) : done(null, httpSocket),
        );
      default:
        return route satisfies never;
    }
  };
}

async function tunnelled(
  proxy: HttpProxy,
  target: { readonly host: string; readonly port: number },
  done: buildConnector.Callback,
  use: (socket: Socket) => void,
): Promise<void> {
  let socket: Socket;
  try {
    socket = await openTunnel(proxy, target, CONNECT_MS, new AbortController().signal);
  } catch (cause) {
    return done(cause instanceof Error ? cause : new Error(String(cause)), null);
  }
  use(socket);
}

/** More errors than this are not wrapped in each other. */
const MAX_CAUSES = 6;

/** Why a connection did not come about, as far as the error is about proxy, network or certificate. In fixed words, so that no secret is among them. */
export function networkReason(thrown: unknown): string | undefined {
  let error = thrown;
  for (let depth = 0; depth < MAX_CAUSES && error instanceof Error; depth++) {
    if (error instanceof TunnelError) return error.message;
    const problem = error.name === 'ConnectTimeoutError' ? 'timeout' : networkProblem(error);
    // A proxy's error has its words further in.
    if (problem !== undefined && problem !== 'proxy-failure')
      return problem === 'tls-untrusted'
        ? `${NETWORK_WORDS[problem]} (NODE_EXTRA_CA_CERTS=FILE adds an authority)`
        : NETWORK_WORDS[problem];
    error = 'original' in error ? error.original : error.cause;
  }
  return undefined;
}
