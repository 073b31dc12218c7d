import { z } from 'zod';
import { parseJson } from '../diagnosis/json.ts';
import type { Refusal, RefusedBy } from '../diagnosis/registry-answer.ts';
import { redact } from '../diagnosis/redaction.ts';
import { shortened } from '../diagnosis/wording.ts';
import type { Quirk } from './quirks/quirk.ts';

const MAX_MESSAGE = 300;

/** What an error body says: a code of the distribution specification where there is one, and text, redacted and shortened. */
export interface ErrorBody {
  readonly code?: string;
  readonly message?: string;
  /** The body is a page, not an answer of an API. */
  readonly isPage: boolean;
}

const text = z.union([z.string(), z.number()]).transform(String).nullish().catch(undefined);
const Body = z.object({
  errors: z
    .array(z.object({ code: text, message: text, detail: z.unknown().optional() }))
    .nullish()
    .catch(undefined),
  code: text,
  error: text,
  error_description: text,
  message: text,
  details: text,
});

/** Reads the body of an error: the specification's list, the shapes of token servers, plain text, or a page. Never throws. */
export function readErrorBody(body: string): ErrorBody {
  const trimmed = body.trim();
  if (trimmed === '') return { isPage: false };
  if (/^<(?:!doctype|html|\?xml|head|body)/i.test(trimmed)) return { isPage: true, ...said(undefined, titleOf(trimmed)) };
  const parsed = Body.safeParse(parseJson(trimmed));
  if (!parsed.success) return { isPage: false, ...said(undefined, trimmed) };
  const { errors, code, error, error_description: description, message, details } = parsed.data;
  const first = errors?.[0];
  if (first) {
    const detail = typeof first.detail === 'string' ? first.detail : undefined;
    return { isPage: false, ...said(first.code ?? undefined, [first.message, detail].filter(Boolean).join(': ')) };
  }
  return { isPage: false, ...said(code ?? error ?? undefined, message ?? description ?? details ?? error ?? undefined) };
}

function said(code: string | undefined, message: string | undefined): { code?: string; message?: string } {
  const clean = redact((message ?? '').replace(/\s{1,1000}/g, ' ').trim().slice(0, 4 * MAX_MESSAGE));
  return {
    ...(code === undefined || code === '' ? {} : { code: redact(shortened(code)) }),
    ...(clean === '' ? {} : { message: shortened(clean, MAX_MESSAGE) }),
  };
}

function titleOf(page: string): string {
  return /<title[^>]{0,200}>([^<]{0,300})/i.exec(page)?.[1] ?? 'an HTML page';
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

/** What a status other than success means, with what the body says of it. */
export function refusalOf(
  answer: { readonly status: number; readonly body: string; readonly retryAfterSeconds?: number },
  asked: { readonly by: RefusedBy; readonly quirk: Quirk; readonly withLogin: boolean; readonly withToken?: boolean },
): Refusal {
  const { status } = answer;
  const { by, quirk } = asked;
  const { code, message, isPage } = readErrorBody(answer.body);
  const words = { ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) };
  switch (status) {
    case 401:
      // A token was given to the login and is too weak: the login is good, and what it may not see may not exist.
      if (asked.withToken) return { status: 'forbidden', by, ...words, hidesMissing: true };
      return { status: 'unauthorized', by, ...words, ...(quirk.hidesMissing?.includes(401) ? { hidesMissing: true } : {}) };
    case 403: {
      const blocked = quirk.addressBlocked?.test(`${message ?? ''} ${isPage ? '<html' : ''}`) ?? false;
      const ended = quirk.loginEnded?.test(message ?? '') ?? false;
      if (asked.withLogin && (ended || (quirk.silentRefusalEndsLogin && answer.body === ''))) return { status: 'unauthorized', by, ...words };
      return {
        status: 'forbidden',
        by,
        ...words,
        hidesMissing: quirk.hidesMissing?.includes(403) === true || /may not exist|does not exist or/i.test(message ?? ''),
        ...(blocked ? { addressBlocked: true } : {}),
      };
    }
    case 404: {
      if (isPage) return { status: 'unusable', because: `the registry answers 404 with a web page (${message ?? 'without a title'})` };
      const what = MISSING[(code ?? '').toUpperCase()] ?? 'unknown';
      return { status: 'missing', what, ...words };
    }
    case 429: {
      const { retryAfterSeconds } = answer;
      return {
        status: 'rate-limited',
        by,
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
        ...(message === undefined ? {} : { message }),
      };
    }
    default:
      return { status: 'failing', httpStatus: status, by, ...(message === undefined ? {} : { message }) };
  }
}
