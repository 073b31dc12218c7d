import type { IncomingHttpHeaders } from 'node:http';

/** A cookie of this program: the key of a pass, which no script of a page may read. */
export interface Cookie {
  readonly name: 'imagepull-invitation' | 'imagepull-visit';
  /** It is sent to this path and those below it, and to nothing else. */
  readonly path: string;
  /** Empty takes it away. */
  readonly key: string;
  readonly keptMs: number;
  readonly sameSite: 'Lax' | 'Strict';
}

/** Cookies with the prefix come over HTTPS alone, and only from a page that did. RFC 6265bis. */
function nameOf(name: Cookie['name'], isSecure: boolean): string {
  return isSecure ? `__Secure-${name}` : name;
}

/** A cookie as the header Set-Cookie. */
export function setCookie({ name, path, key, keptMs, sameSite }: Cookie, isSecure: boolean): string {
  const seconds = key === '' ? 0 : Math.floor(keptMs / 1000);
  return `${nameOf(name, isSecure)}=${key}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=${sameSite}${isSecure ? '; Secure' : ''}`;
}

/** The key in a cookie that was sent; empty where there is none. Keys need no quoting. */
export function readCookie({ cookie = '' }: IncomingHttpHeaders, name: Cookie['name'], isSecure: boolean): string {
  const start = `${nameOf(name, isSecure)}=`;
  const found = cookie.split(';', MAX_COOKIES).map((pair) => pair.trim());
  return found.find((pair) => pair.startsWith(start))?.slice(start.length) ?? '';
}

/** A browser sends what other programs of the same host have set as well. */
const MAX_COOKIES = 100;
