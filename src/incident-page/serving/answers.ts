import { createHash } from 'node:crypto';
import type { HttpAnswer } from '../../http/handler.ts';
import { noticePage } from '../page.ts';
import { STYLE } from '../style.ts';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * For everything below /incidents: nothing may run, be loaded, framed, kept, found by search engines, or learn from which address somebody came.
 * A form may be sent to this server alone.
 */
export const STRICT = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow, noarchive',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** A page. */
export function pageAnswer(status: number, body: string): HttpAnswer {
  return { status, body, headers: { ...STRICT, 'content-type': 'text/html; charset=utf-8' } };
}

/** A page with a few sentences. */
export function noticeAnswer(status: number, title: string, ...text: readonly string[]): HttpAnswer {
  return pageAnswer(status, noticePage({ title, text }));
}

/** Sends a browser elsewhere on this server, as a GET. */
export function redirect(path: string, cookies: readonly string[]): HttpAnswer {
  return { status: 303, headers: { ...STRICT, location: path, ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }) } };
}

const AGAIN = 'Press Incident page in the menu of its card in Slack for a new link.';

/** For everybody without a pass the same, whether there is such an incident or not. */
export const NO_PASS = noticeAnswer(
  403,
  'This link does not open the page any more',
  'A link is good once and for five minutes, and the page can be read for 30 minutes after that, in the browser that opened it.',
  AGAIN,
);

export const WITHDRAWN = noticeAnswer(
  403,
  'You may not see this incident',
  'Whoever runs imagepull decides who may ask about which namespaces, and where.',
);

export const GONE = noticeAnswer(
  404,
  'This incident is gone',
  'There is nothing kept of it any more. Incidents are kept for 30 days, or until the store is lost.',
);

export const NOTHING_HERE = noticeAnswer(
  404,
  'There is nothing here',
  'Pages of incidents are opened from the menu of their cards in Slack.',
);

export const TOO_MANY: HttpAnswer = withRetry(noticeAnswer(429, 'Too many requests', 'Wait a minute, then load the page again.'), '60');

export const UNAVAILABLE: HttpAnswer = withRetry(
  noticeAnswer(
    503,
    'The page cannot be shown at the moment',
    'Slack does not tell who may see it, or the store cannot be reached. Load the page again in a minute.',
  ),
  '30',
);

function withRetry(answer: HttpAnswer, seconds: string): HttpAnswer {
  return { ...answer, headers: { ...answer.headers, 'retry-after': seconds } };
}
