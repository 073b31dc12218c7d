import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Authentication } from '../alerts/source.ts';
import { CodedError } from '../errors.ts';

/** A request as it came: the body before it is parsed, since signatures are over its bytes. Names of headers are lower case, as Node gives them. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** `because` is for the log; whoever asks is told nothing but that it was refused. */
export type Authenticated = { readonly status: 'accepted' } | { readonly status: 'refused'; readonly because: string };

/** Checks the requests of one source. `now` is asked only where a signature holds a time. */
export type Authenticator = (request: SignedRequest, now: Date) => Authenticated;

const SHORTEST_SECRET = 16;
/** How far the time of a signed request may be from ours: more, and it may be an old one played again. */
const MAX_SKEW_MS = 300_000;
const ACCEPTED: Authenticated = { status: 'accepted' };

/**
 * Makes the check for a source, with its secrets out of the environment. Throws `config/alerts` where one is not set or too short to be a
 * secret. Comparisons take the same time whatever is wrong.
 */
export function createAuthenticator(
  authentication: Authentication,
  given: { readonly source: string; readonly environment: Readonly<Record<string, string | undefined>> },
): Authenticator {
  const secrets = authentication.secret.map((name) => secretOf(name, given));
  switch (authentication.scheme) {
    case 'bearer':
      return ({ headers }) => credentials(headers, 'bearer', secrets);
    case 'basic':
      return ({ headers }) =>
        credentials(
          headers,
          'basic',
          secrets.map((secret) => Buffer.from(`${authentication.user}:${secret}`).toString('base64')),
        );
    case 'pagerduty':
      return (request) => signedByPagerDuty(request, secrets);
    case 'grafana':
      return (request, now) => signedByGrafana(request, { ...authentication, secrets, now });
  }
}

function secretOf(
  name: string,
  { source, environment }: { source: string; environment: Readonly<Record<string, string | undefined>> },
): string {
  const secret = environment[name]?.trim() ?? '';
  if (secret === '') throw new CodedError('config/alerts', `${name} is not set. It is the secret of the alert source ${source}.`);
  if (secret.length < SHORTEST_SECRET)
    throw new CodedError(
      'config/alerts',
      `${name}, the secret of the alert source ${source}, has less than ${SHORTEST_SECRET} characters. Make one with: openssl rand -hex 32`,
    );
  return secret;
}

/** The scheme is read in any case (RFC 9110). */
function credentials(headers: SignedRequest['headers'], scheme: string, expected: readonly string[]): Authenticated {
  const header = headerOf(headers, 'authorization');
  if (header === undefined) return refused('there is no Authorization header');
  const space = header.indexOf(' ');
  if (header.slice(0, Math.max(0, space)).toLowerCase() !== scheme)
    return refused(`the Authorization header is not of the scheme ${scheme}`);
  return anyEqual([header.slice(space + 1).trim()], expected) ? ACCEPTED : refused('the credentials are wrong');
}

/** While a secret is replaced PagerDuty signs with both: `v1=…,v1=…`. https://developer.pagerduty.com/docs/verifying-signatures */
const MAX_SIGNATURES = 10;

function signedByPagerDuty({ headers, body }: SignedRequest, secrets: readonly string[]): Authenticated {
  const header = headerOf(headers, 'x-pagerduty-signature');
  if (header === undefined) return refused('there is no X-PagerDuty-Signature header');
  const signatures = header
    .split(',', MAX_SIGNATURES)
    .map((part) => part.trim())
    .filter((part) => part.startsWith('v1='))
    .map((part) => part.slice(3));
  if (signatures.length === 0) return refused('the X-PagerDuty-Signature header holds no signature of version 1');
  return anyEqual(
    signatures,
    secrets.map((secret) => hmac(secret, body)),
  )
    ? ACCEPTED
    : refused('no signature is of this body and secret');
}

/** Hex over the body, or over `seconds:body` where the contact point names a header for the time; http/hmac.go of grafana/alerting. */
function signedByGrafana(
  { headers, body }: SignedRequest,
  given: {
    readonly header: string;
    readonly timestampHeader?: string | undefined;
    readonly secrets: readonly string[];
    readonly now: Date;
  },
): Authenticated {
  const signature = headerOf(headers, given.header.toLowerCase());
  if (signature === undefined) return refused(`there is no ${given.header} header`);
  let signed: Uint8Array = body;
  if (given.timestampHeader !== undefined) {
    const seconds = headerOf(headers, given.timestampHeader.toLowerCase());
    if (seconds === undefined || !/^[0-9]{1,12}$/.test(seconds)) return refused(`the ${given.timestampHeader} header holds no time`);
    if (Math.abs(given.now.getTime() - Number(seconds) * 1000) > MAX_SKEW_MS)
      return refused('it was signed too long ago, or the clocks differ');
    signed = Buffer.concat([Buffer.from(`${seconds}:`), body]);
  }
  const expected = given.secrets.map((secret) => hmac(secret, signed));
  return anyEqual([signature.trim()], expected) ? ACCEPTED : refused('the signature is not of this body and secret');
}

function headerOf(headers: SignedRequest['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.join(',');
}

function hmac(secret: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Every pair is compared, and as digests, so that neither position nor length shows in the time it takes. */
function anyEqual(given: readonly string[], expected: readonly string[]): boolean {
  let equal = false;
  for (const one of given) for (const other of expected) equal = timingSafeEqual(digest(one), digest(other)) || equal;
  return equal;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refused(because: string): Authenticated {
  return { status: 'refused', because };
}
