import { z } from 'zod';
import { parseJson } from '../facts/json.ts';
import { redact } from '../facts/redaction.ts';
import type { Refusal, RefusedBy } from '../facts/registry-answer.ts';
import { shortened } from '../text/wording.ts';
import type { Quirk } from './quirks/quirk.ts';

const MAX_MESSAGE = 300;

/** What an error body says: a code of the distribution specification where there is one, and text, redacted and shortened. */
export interface ErrorBody {
  readonly code?: string;
  readonly message?: string;
  /** The body is a page, not an answer of an API. */
  readonly isPage: boolean;
}

const Text = z.union([z.string(), z.number()]).transform(String).optional().catch(undefined);
const Detail = z.object({ code: Text, message: Text, detail: Text });
const Body = z.object({ code: Text, error: Text, error_description: Text, message: Text, details: Text });

/** Reads the body of an error: the specification's list, the shapes of token servers, plain text, or a page. Never throws. */
function readErrorBody(body: string): ErrorBody {
  const trimmed = body.trim();
  if (trimmed === '') return { isPage: false };
  if (/^<(?:!doctype|html|\?xml|head|body)/i.test(trimmed)) return { isPage: true, ...said(undefined, titleOf(trimmed)) };
  const json = parseJson(trimmed);
  if (typeof json !== 'object' || json === null) return { isPage: false, ...said(undefined, trimmed) };
  // Only the first of a list: the others are about the same request, and there may be a million of them.
  const first =
    'errors' in json && Array.isArray(json.errors)
      ? json.errors[0]
      : 'error' in json && typeof json.error === 'object'
        ? json.error
        : undefined;
  if (typeof first === 'string') return { isPage: false, ...said(undefined, first) };
  const detail = Detail.safeParse(first).data;
  if (detail) return { isPage: false, ...said(detail.code, [detail.message, detail.detail].filter(Boolean).join(': ')) };
  const { code, error, error_description: description, message, details } = Body.safeParse(json).data ?? {};
  return { isPage: false, ...said(code ?? error, message ?? description ?? details ?? error) };
}

function said(code: string | undefined, message: string | undefined): { code?: string; message?: string } {
  const clean = redact(
    (message ?? '')
      .replace(/\s{1,1000}/g, ' ')
      .trim()
      .slice(0, 4 * MAX_MESSAGE),
  );
  return {
    ...(code === undefined || code === '' ? {} : { code: redact(shortened(code)) }),
    ...(clean === '' ? {} : { message: shortened(clean, MAX_MESSAGE) }),
  };
}

function titleOf(page: string): string {
  return /<title[^>]{0,200}>([^<]{0,300})/i.exec(page.slice(0, 8192))?.[1] ?? 'an HTML page';
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
  const message = said.message ?? '';
  const ended = quirk.loginEnded?.test(message) || (quirk.silentRefusalEndsLogin && refused.isEmpty);
  if (refused.withLogin && ended) return unauthorized(refused);
  const blocked = quirk.addressBlocked?.test(`${message}${said.isPage ? ' <html' : ''}`);
  // A registry's own refusal is no web page; a proxy's is.
  if (said.isPage && !blocked)
    return { status: 'unusable', because: `the answer is 403 with a web page (${said.message ?? 'without a title'})` };
  const hidesMissing = quirk.hidesMissing?.includes(403) === true || /may not exist|does not exist or/i.test(message);
  return { status: 'forbidden', by, ...words(said), hidesMissing, ...(blocked ? { addressBlocked: true } : {}) };
}

function missing({ by, quirk, said }: Refused): Refusal {
  if (by === 'token-server') return { status: 'unusable', because: `the token server answers 404 (${said.message ?? 'with no message'})` };
  if (said.isPage)
    return { status: 'unusable', because: `the registry answers 404 with a web page (${said.message ?? 'without a title'})` };
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
