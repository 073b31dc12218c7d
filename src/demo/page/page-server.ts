import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodedError } from '../../errors.ts';
import { bodyOf } from '../request-body.ts';
import type { ClientBundle } from './client-bundle.ts';
import { Deed } from './deed.ts';
import type { EventStream } from './event-stream.ts';
import type { DeedAnswer } from './state.ts';

/** A page that is served. */
export interface PageServer {
  /** With the key in it without which nothing is answered. */
  readonly url: string;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const MAX_BODY = 64 * 1024;
const LIMIT_MS = 30_000;
const SECURITY: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>imagepull: the demo</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="page.css">
<script type="module" src="page.js"></script>
</head>
<body><div id="page"></div><noscript>The demo needs JavaScript.</noscript></body>
</html>
`;
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f6f6b"/><path d="M16 6v13m-6-6 6 6 6-6M8 25h16" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

/**
 * Serves the page on loopback alone, unless told. Its address has a key that is made anew each time, and requests that another site makes a browser
 * send are refused by Host and Origin.
 */
export async function servePage(given: {
  /** 0 for a free one. Throws `usage/demo` where it is taken. */
  readonly port: number;
  /** Takes a free one then instead. */
  readonly orAnyPort: boolean;
  /** The address that is listened on, in place of loopback; whoever asks has to have come by a loopback name all the same. */
  readonly host?: string | undefined;
  readonly bundle: Promise<ClientBundle>;
  readonly events: EventStream;
  readonly act: (deed: Deed) => Promise<DeedAnswer>;
}): Promise<PageServer> {
  const { bundle, events, act } = given;
  const key = randomBytes(16).toString('base64url');
  const server = createServer((request, response) => {
    answer(request, response).catch((cause: unknown) => response.destroy(cause instanceof Error ? cause : undefined));
  });
  server.requestTimeout = LIMIT_MS;
  const port = await listen(server, { ...given, host: given.host ?? HOST });
  const own = `${HOST}:${port}`;
  const names = [own, `localhost:${port}`];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY)) response.setHeader(name, value);
    const { host, origin } = request.headers;
    if (!names.includes(host ?? '') || (origin !== undefined && origin !== `http://${host}`))
      return text(response, 403, 'This page is for this machine alone.\n');
    const [, given = '', path = ''] = /^\/([^/?]*)\/([^/?]*)(?:\?.*)?$/.exec(request.url ?? '') ?? [];
    if (!isSame(given, key)) return text(response, 404, 'Open the address that npm run demo has printed.\n');
    if (request.method === 'POST') return path === 'deeds' ? takeDeed(request, response) : text(response, 404, 'There is no such page.\n');
    if (request.method !== 'GET') return text(response, 405, 'Only GET and POST.\n');
    switch (path) {
      case '':
        return send(response, 'text/html', HTML);
      case 'page.js':
        return send(response, 'text/javascript', (await bundle).script);
      case 'page.css':
        return send(response, 'text/css', (await bundle).style);
      case 'icon.svg':
        return send(response, 'image/svg+xml', ICON);
      case 'events':
        return events.connect(response, request.headers['last-event-id']?.toString());
      default:
        return text(response, 404, 'There is no such page.\n');
    }
  }

  async function takeDeed(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A form of another site cannot send this without being asked first.
    if (request.headers['content-type'] !== 'application/json') return text(response, 415, 'A deed is JSON.\n');
    const body = await bodyOf(request, MAX_BODY);
    if (body === undefined) return text(response, 413, `A deed has at most ${MAX_BODY} bytes.\n`);
    const deed = Deed.safeParse(parsed(body));
    if (!deed.success)
      return text(
        response,
        400,
        `That is no deed: ${deed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')}\n`,
      );
    const done = await act(deed.data);
    response.setHeader('cache-control', 'no-store');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(done));
  }

  return {
    url: `http://${own}/${key}/`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function listen(
  server: Server,
  { port, orAnyPort, host }: { readonly port: number; readonly orAnyPort: boolean; readonly host: string },
): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    if (isTaken && orAnyPort) return listen(server, { port: 0, orAnyPort: false, host });
    const why = isTaken ? 'is taken' : `of ${host} cannot be listened on`;
    throw new CodedError('usage/demo', `Port ${port} ${why}. Give another one with --port, or --port 0 for any that is free.`, { cause });
  }
  return (server.address() as AddressInfo).port;
}

function isSame(given: string, key: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(key)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Its schema says that it is none.
    return undefined;
  }
}

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' }).end(body);
}

function text(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(body);
}
