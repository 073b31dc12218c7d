import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { literalAddress } from '../ip-address.ts';
import type { HttpProxy } from '../proxy-environment.ts';
import { openTunnel } from '../proxy-tunnel.ts';
import { type HttpRequest, hostOf, portOf } from './exchange.ts';
import { openResponse } from './response.ts';

/** Sends a request through a proxy: a plain one is handed over as a whole, for TLS a tunnel is opened first. */
export async function openThroughProxy(
  request: HttpRequest,
  proxy: HttpProxy,
  how: {
    readonly signal: AbortSignal;
    /** For the connection, in milliseconds. */
    readonly connectMs: number;
    /** Certificates trusted, in place of the usual ones. */
    readonly trusted: { readonly ca?: string };
  },
): Promise<IncomingMessage> {
  const { url } = request;
  const { signal, connectMs, trusted } = how;
  if (url.protocol === 'http:') {
    const login = proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization.reveal() };
    const whole = { ...request, headers: { ...request.headers, ...login, host: url.host } };
    const to = { hostname: proxy.host, port: proxy.port, path: url.href, agent: false } as const;
    return openResponse(whole, { ...to, signal, connectMs }, proxy.tls ? httpsRequest : httpRequest);
  }
  const host = hostOf(url);
  const socket = await openTunnel(proxy, { host, port: portOf(url) }, connectMs, signal);
  const secured = () => connectTls({ socket, host, ...(literalAddress(host) === undefined ? { servername: host } : {}), ...trusted });
  return openResponse(request, { createConnection: secured, signal, connectMs });
}
