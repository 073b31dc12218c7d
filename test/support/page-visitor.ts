import { request } from 'node:http';

/** What a server answered. */
export interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A browser as far as pages of incidents go: it keeps cookies by path, and follows nothing by itself. */
export interface Visitor {
  /** Cookies by path and name. */
  readonly cookies: ReadonlyMap<string, string>;
  get(url: string): Promise<Seen>;
  post(url: string, headers?: Readonly<Record<string, string>>): Promise<Seen>;
}

/** A browser with no cookies. Those with a path that a request is not below are not sent, as RFC 6265 says. */
export function visitor(): Visitor {
  const cookies = new Map<string, string>();

  function matching(pathname: string): string {
    return [...cookies]
      .map(([key, value]) => ({ path: key.slice(0, key.indexOf(' ')), pair: `${key.slice(key.indexOf(' ') + 1)}=${value}` }))
      .filter(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
      .map(({ pair }) => pair)
      .join('; ');
  }

  function keep(header: string): void {
    const [pair = '', ...attributes] = header.split('; ');
    const path = attributes.find((one) => one.startsWith('Path='))?.slice('Path='.length) ?? '/';
    const [name = '', value = ''] = pair.split('=');
    if (attributes.includes('Max-Age=0')) cookies.delete(`${path} ${name}`);
    else cookies.set(`${path} ${name}`, value);
  }

  function send(method: string, address: string, headers: Readonly<Record<string, string>> = {}): Promise<Seen> {
    const url = new URL(address);
    const cookie = matching(url.pathname);
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, agent: false, headers: { ...headers, ...(cookie === '' ? {} : { cookie }) } }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          for (const one of response.headers['set-cookie'] ?? []) keep(one);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  return { cookies, get: (url) => send('GET', url), post: (url, headers) => send('POST', url, headers) };
}
