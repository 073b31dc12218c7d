import { isIP } from 'node:net';
import { isLoopback } from '../facts/loopback.ts';
import { SecretText } from '../facts/secret-text.ts';
import { plainName, rangeHolds, splitEntry } from './host-list.ts';
import { literalAddress } from './ip-address.ts';

/** A proxy that connections go through. */
export interface HttpProxy {
  /** Host and port, for people; never the user or password of its URL. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** True when the proxy itself is spoken to in TLS. */
  readonly tls: boolean;
  /** Value of the header Proxy-Authorization, if the proxy's URL has a user. */
  readonly authorization?: SecretText;
}

/** How a server is reached. `unusable`: a variable is set, but to nothing that can be used; `because` names the variable. */
export type Route =
  | { readonly kind: 'direct' }
  | { readonly kind: 'proxy'; readonly proxy: HttpProxy }
  | { readonly kind: 'unusable'; readonly because: string };

/** The environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY mean for one server. They are read as container runtimes read them
 * (golang.org/x/net/http/httpproxy): upper case before lower case, and loopback is never asked through a proxy. ALL_PROXY,
 * which those do not know, is used where the scheme's own variable is not set.
 */
export function routeTo(
  server: { readonly scheme: 'http' | 'https'; readonly host: string; readonly port: number },
  env: Environment,
): Route {
  const set = firstSet(env, server.scheme === 'https' ? 'HTTPS_PROXY' : 'HTTP_PROXY') ?? firstSet(env, 'ALL_PROXY');
  if (set === undefined) return { kind: 'direct' };
  const host = plainName(server.host);
  if (isLoopback(host) || isExempt(host, server.port, firstSet(env, 'NO_PROXY')?.value ?? '')) return { kind: 'direct' };
  return proxyFrom(set);
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** An empty variable counts as not set. */
function firstSet(env: Environment, name: string): Variable | undefined {
  for (const spelling of [name, name.toLowerCase()]) {
    const value = env[spelling]?.trim();
    if (value) return { name: spelling, value };
  }
  return undefined;
}

const SCHEMES: Readonly<Record<string, { readonly port: number; readonly tls: boolean }>> = {
  'http:': { port: 80, tls: false },
  'https:': { port: 443, tls: true },
};

/** The value itself is never repeated: it may hold a password in a place where nobody looks for one. */
function proxyFrom({ name, value }: Variable): Route {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (!URL.canParse(text)) return { kind: 'unusable', because: `${name} is not the URL of a proxy` };
  const url = new URL(text);
  const scheme = SCHEMES[url.protocol];
  if (!scheme)
    return { kind: 'unusable', because: `${name} names a ${url.protocol.slice(0, -1)} proxy; only http and https proxies are used` };
  const port = url.port === '' ? scheme.port : Number(url.port);
  const authorization = authorizationOf(url);
  return {
    kind: 'proxy',
    proxy: {
      name: `${url.hostname}:${port}`,
      host: plainName(url.hostname),
      port,
      tls: scheme.tls,
      ...(authorization === undefined ? {} : { authorization }),
    },
  };
}

function authorizationOf({ username, password }: URL): SecretText | undefined {
  if (username === '' && password === '') return undefined;
  return new SecretText(`Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is no escape: somebody pasted the password as it is.
    return text;
  }
}

/** NO_PROXY is a list of `*`, names, `.suffixes`, addresses and CIDR ranges, each but the ranges with an optional port. */
function isExempt(host: string, port: number, noProxy: string): boolean {
  return noProxy.split(/[\s,]+/).some((entry) => entry !== '' && covers(entry.toLowerCase(), host, port));
}

function covers(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return rangeHolds(entry, host);
  const { name, onlyPort } = splitEntry(entry);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const address = isIP(host) === 0 ? undefined : host;
  if (address !== undefined) return literalAddress(name) === address;
  // `.example` and `*.example` mean names below it; `example` means itself as well.
  const suffix = name.replace(/^\*\./, '.').replace(/\.$/, '');
  if (suffix.startsWith('.')) return host.endsWith(suffix);
  return host === suffix || host.endsWith(`.${suffix}`);
}
