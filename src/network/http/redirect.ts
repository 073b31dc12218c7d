import { type HttpRequest, withoutLogin } from './exchange.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The request that a redirect leads to, or why it is not followed. Undefined when the answer is no redirect. */
export function redirectOf(
  request: HttpRequest,
  answer: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
): { readonly next: HttpRequest } | { readonly because: string } | undefined {
  if (!REDIRECTS.has(answer.status)) return undefined;
  const url = URL.parse(answer.headers['location'] ?? '', request.url.href);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return { because: `${request.url.host} redirects to nowhere` };
  if (request.url.protocol === 'https:' && url.protocol === 'http:')
    return { because: `${request.url.host} redirects from HTTPS to plain HTTP on ${url.host}` };
  // A form holds a login: it is sent once, to the server it was written for.
  if (request.method === 'POST') return { because: `${request.url.host} redirects a login to ${url.host}` };
  return { next: redirected(request, url) };
}

/** The same request elsewhere: what is secret stays at the origin it was meant for, and no login of the server's choosing is sent. */
function redirected(request: HttpRequest, to: URL): HttpRequest {
  const url = withoutLogin(to);
  const { authorization, ...others } = request.headers ?? {};
  const same = url.origin === request.url.origin;
  return {
    ...request,
    url,
    // The image names its registry and the API there; anything else is the server's choice. Its name may lead elsewhere by now.
    namedBy: same && url.pathname.startsWith('/v2/') ? request.namedBy : 'answer',
    headers: same && authorization !== undefined ? { ...others, authorization } : others,
  };
}
