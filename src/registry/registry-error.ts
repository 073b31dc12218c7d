import { z } from 'zod';
import { parseJson } from '../facts/json.ts';
import { redact } from '../facts/redaction.ts';
import type { Refusal, RefusedBy } from '../facts/registry-answer.ts';
import { shortened } from '../text/wording.ts';
import type { Quirk } from './quirks.ts';

const MAX_MESSAGE = 300;

/**
 * What an error body says. Only an error as the distribution specification has it may be quoted: whoever answers may not be a
 * registry, and what else it says is nobody's business here. See docs/decisions/0017.
 */
interface ErrorBody {
  readonly code?: string;
  /** Redacted and shortened. */
  readonly message?: string;
  /** Message and detail, to recognise what a family of registries says; never quoted. */
  readonly text: string;
  /** The body is a web page, not an answer of an API. */
  readonly isPage: boolean;
}

/** distribution-spec, error codes: "uppercase alphabetic characters and underscores"; Amazon and some others use more letters. */
const Code = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,59}$/);
const RegistryError = z.object({
  code: Code,
  message: z.string().nullish().catch(undefined),
  detail: z.string().nullish().catch(undefined),
});
/** RFC 6749, section 5.2: how a token server refuses a form. */
const OAuthError = z.object({
  error: z.enum(['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope']),
});

/** Reads the body of an error. Never throws. */
function readErrorBody(body: string): ErrorBody {
  const trimmed = body.trim();
  if (/^<(?:!doctype|html|\?xml|head|body)/i.test(trimmed)) return { isPage: true, text: '' };
  const json = parseJson(trimmed);
  if (typeof json !== 'object' || json === null) return { isPage: false, text: '' };
  // Only the first of a list: the others are about the same request, and there may be a million of them.
  const first = 'errors' in json && Array.isArray(json.errors) ? RegistryError.safeParse(json.errors[0]).data : undefined;
  if (!first) {
    const code = OAuthError.safeParse(json).data?.error;
    return { isPage: false, text: '', ...(code === undefined ? {} : { code }) };
  }
  const message = cleaned(first.message ?? '');
  return {
    isPage: false,
    code: first.code,
    text: [message, cleaned(first.detail ?? '')].join(' ').trim(),
    ...(message === '' ? {} : { message: shortened(message, MAX_MESSAGE) }),
  };
}

function cleaned(text: string): string {
  return redact(
    text
      .replace(/\s{1,1000}/g, ' ')
      .trim()
      .slice(0, 4 * MAX_MESSAGE),
  );
}

/** A 404 by its code (distribution-spec, errors); other codes and none say neither. */
const MISSING: Readonly<Record<string, 'tag' | 'repository'>> = {
  MANIFEST_UNKNOWN: 'tag',
  MANIFEST_BLOB_UNKNOWN: 'tag',
  TAG_INVALID: 'tag',
  IMAGENOTFOUNDEXCEPTION: 'tag',
  IMAGE_NOT_FOUND: 'tag',
  NAME_UNKNOWN: 'repository',
  NAME_INVALID: 'repository',
  REPOSITORYNOTFOUNDEXCEPTION: 'repository',
  PROJECT_UNKNOWN: 'repository',
};

/** One refusal on its way to being understood. */
interface Refused {
  readonly status: number;
  readonly by: RefusedBy;
  readonly quirk: Quirk;
  readonly withLogin: boolean;
  readonly withToken: boolean;
  readonly retryAfterSeconds?: number | undefined;
  readonly isEmpty: boolean;
  readonly said: ErrorBody;
}

/** What a status other than success means, with what the body says of it. */
export function refusalOf(
  answer: { readonly status: number; readonly body: string; readonly retryAfterSeconds?: number },
  asked: { readonly by: RefusedBy; readonly quirk: Quirk; readonly withLogin: boolean; readonly withToken?: boolean },
): Refusal {
  const { status, body, retryAfterSeconds } = answer;
  const refused: Refused = {
    ...asked,
    withToken: asked.withToken ?? false,
    status,
    retryAfterSeconds,
    isEmpty: body === '',
    said: readErrorBody(body),
  };
  const { by, said } = refused;
  switch (status) {
    case 400:
      return badRequest(refused);
    case 401:
      // A token was given to the login and is too weak: the login is good, and what it may not see may not exist.
      if (refused.withToken) return { status: 'forbidden', by, ...words(said), hidesMissing: true, httpStatus: 401 };
      return unauthorized(refused);
    case 403:
      return forbidden(refused);
    case 404:
      return missing(refused);
    case 429:
      return { status: 'rate-limited', by, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }), ...text(said) };
    default:
      return failing(refused);
  }
}

function unauthorized({ by, said, quirk, withLogin }: Refused): Refusal {
  // A token server that refuses a login means the login, except where a family is known to mean the repository as well.
  const hides = withLogin && by === 'token-server' ? quirk.tokenServerHidesMissing : quirk.hidesMissing?.includes(401);
  return { status: 'unauthorized', by, ...words(said), ...(hides ? { hidesMissing: true } : {}) };
}

function forbidden(refused: Refused): Refusal {
  const { by, quirk, said } = refused;
  const ended = quirk.loginEnded?.test(said.text) || (quirk.silentRefusalEndsLogin && refused.isEmpty);
  if (refused.withLogin && ended) return unauthorized(refused);
  const blocked = said.isPage ? quirk.pageMeansBlocked : quirk.addressBlocked?.test(said.text);
  // A registry's own refusal is no web page; a proxy's is.
  if (said.isPage && !blocked) return { status: 'unusable', because: 'the answer is 403 with a web page' };
  const hidesMissing = quirk.hidesMissing?.includes(403) === true || /may not exist|does not exist or/i.test(said.text);
  return { status: 'forbidden', by, ...words(said), hidesMissing, ...(blocked ? { addressBlocked: true } : {}) };
}

function missing({ by, quirk, said }: Refused): Refusal {
  if (by === 'token-server') return { status: 'unusable', because: 'the token server answers 404' };
  if (said.isPage) return { status: 'unusable', because: 'the registry answers 404 with a web page' };
  const named = MISSING[(said.code ?? '').toUpperCase()] ?? 'unknown';
  const unproven = quirk.hidesMissing?.includes(404) || (named === 'tag' && quirk.conflatesMissing);
  return { status: 'missing', what: unproven ? 'unknown' : named, ...words(said) };
}

function badRequest(refused: Refused): Refusal {
  const { by, said } = refused;
  // RFC 6749's answer to a refresh token that has ended.
  if (by === 'token-server' && said.code === 'invalid_grant') return unauthorized(refused);
  const named = MISSING[(said.code ?? '').toUpperCase()];
  return by === 'registry' && named !== undefined ? { status: 'missing', what: named, ...words(said) } : failing(refused);
}

function failing({ status, by, said }: Refused): Refusal {
  return { status: 'failing', httpStatus: status, by, ...text(said) };
}

function words({ code, message }: ErrorBody): { readonly code?: string; readonly message?: string } {
  return { ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) };
}

function text({ message }: ErrorBody): { readonly message?: string } {
  return message === undefined ? {} : { message };
}
