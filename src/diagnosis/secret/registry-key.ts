import { redact } from '../../facts/redaction.ts';
import { shortened } from '../../text/wording.ts';

/** What the kubelet takes from a key of a pull secret, and from an image, to compare the two. */
export interface Location {
  /** Host and port as written. */
  readonly authority: string;
  readonly host: string;
  /** As written, without the colon; empty without one. */
  readonly port: string;
  /** With its first slash; empty without one. Percent escapes are decoded. */
  readonly path: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: Go refuses exactly these. Escapes it takes stand for what no image's host has.
const HOST = /^[^\u0000-\u0020#%/?@\\^`{|}[\]:\u007f]*(?::[0-9]*)?$/;
const IPV6_HOST = /^\[[0-9A-Fa-f:.]{2,100}\](?::[0-9]*)?$/;
const USER_INFO = /^[A-Za-z0-9\-._~:!$&'()*+,;=%@]*$/;
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: Go refuses exactly these.
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Reads what stands after https:// as Go's url.Parse (1.26) does; undefined where that fails. */
export function locate(text: string): Location | undefined {
  if (CONTROL.test(text)) return undefined;
  const [beforeFragment, fragment] = cut(text, '#');
  const [address] = cut(beforeFragment, '?');
  const slash = address.indexOf('/');
  const authority = slash < 0 ? address : address.slice(0, slash);
  const path = slash < 0 ? '' : address.slice(slash);
  const at = authority.lastIndexOf('@');
  const userInfo = authority.slice(0, Math.max(at, 0));
  const host = authority.slice(at + 1);
  if (!USER_INFO.test(userInfo) || [userInfo, fragment, path].some((part) => BAD_ESCAPE.test(part))) return undefined;
  if (!(host.startsWith('[') ? IPV6_HOST : HOST).test(host)) return undefined;
  return { authority: host, ...splitHost(host), path: decoded(path) };
}

/**
 * The name under which the kubelet files a login (pkg/credentialprovider/keyring.go): host, port and path of its key, with
 * `/v1` or `/v2` dropped from the front of the path if a slash follows; without that slash it stays a path. Undefined where
 * the kubelet cannot read the key and passes it over silently.
 */
export function indexOf(key: string): string | undefined {
  const location = locate(key.replace(/^https?:\/\//, ''));
  if (!location) return undefined;
  const path = /^\/v[12]\//.test(location.path) ? location.path.slice(3) : location.path;
  return location.authority + (path === '/' ? '' : path);
}

/** Go takes the brackets off an IPv6 address that has a port; without one they stay. An empty port counts as none. */
function splitHost(text: string): { readonly host: string; readonly port: string } {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || colon < text.lastIndexOf(']')) return { host: text, port: '' };
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: text.slice(colon + 1) };
}

function decoded(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function cut(text: string, sign: string): readonly [string, string] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** A host has at most 253 characters. */
const MAX_SHOWN = 300;

/** Free text of people that may be of any length and may hold a token. */
export function shownText(text: string): string {
  return shortened(redact(text.slice(0, 4 * MAX_SHOWN)).replace(/\s+/g, ' '), MAX_SHOWN);
}

/** A key as it may be shown: people paste user names, passwords and tokens into them in more ways than the kubelet knows. */
export function shownKey(key: string): string {
  return shownText(keyWithoutSecrets(key));
}

/** The key with all cut off that may be secret: whatever stands before the last `@` and after a `?` or `#`. */
export function keyWithoutSecrets(key: string): string {
  const trimmed = key.trim();
  const scheme = /^[a-z][a-z0-9+.-]{0,20}:\/{1,3}|^\/{2}/i.exec(trimmed)?.[0] ?? '';
  const at = DIGEST.test(trimmed) ? -1 : trimmed.lastIndexOf('@');
  if (at < 0) return trimmed.replace(/[?#].*$/s, '');
  // A password may hold the same signs, and then nobody can tell where it ends.
  if (/[?#]/.test(trimmed)) return `${scheme}[redacted]`;
  return scheme + trimmed.slice(at + 1);
}

/** Some paste a whole image, whose `@` hides nothing. */
const DIGEST = /^[^@]{0,300}@sha(?:256|512):[0-9a-f]{1,128}$/;
