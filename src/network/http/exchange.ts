import type { NetworkProblem } from '../../facts/registry-answer.ts';
import type { NamedBy } from '../address-guard.ts';

/** What came back for one request, redirects followed. Bodies are at most as long as asked for; those of errors are cut. */
export type Exchange =
  | { readonly kind: 'response'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | { readonly kind: 'unreachable'; readonly problem: NetworkProblem; readonly host: string; readonly message: string }
  | { readonly kind: 'unusable'; readonly because: string };

/** One request. Headers are in lower case; `authorization` goes to this URL's origin only. */
export interface HttpRequest {
  readonly url: URL;
  /** Who named the URL's host; decides whether it may be asked at a private address. */
  readonly namedBy: NamedBy;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of the response's body. */
  readonly maxBytes: number;
  /** False: a redirect is the answer. */
  readonly follow?: boolean;
}

/** Sends requests; `sent` is called for each one that reached a server, redirects included. */
export type HttpClient = (request: HttpRequest, sent: () => void) => Promise<Exchange>;

/** A URL without user name and password; node would send them as Basic. */
export function withoutLogin(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

/** The port of a URL, also where it is left out. */
export function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80));
}

/** The host of a URL as it is connected to: an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
