import { execFileSync } from 'node:child_process';
import { randomUUID, sign } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './real-parts.ts';

/** A token server as the distribution specification describes it, with a key that a docker-registry can be told to trust. */
export interface TokenServer {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** PEM file for the registry's rootcertbundle. */
  readonly certificate: string;
  /** `METHOD path` of each request, with `login USER` or `nobody`. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/** Who may do what: actions by user name (`''` is nobody) and repository. */
export type Rights = (user: string, repository: string) => readonly string[];

/** Starts a token server; a login other than those given is refused with 401. */
export async function startTokenServer(logins: Readonly<Record<string, string>>, rights: Rights): Promise<TokenServer> {
  const openssl = await program('openssl', 'openssl');
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-token-'));
  const [keyFile, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    openssl,
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', certificate, '-days', '2', '-subj', '/CN=imagepull-test'],
    { stdio: 'ignore' },
  );
  const key = await readFile(keyFile, 'utf8');
  const x5c = [(await readFile(certificate, 'utf8')).replace(/-----[^-]+-----|\s/g, '')];
  const requests: string[] = [];

  function tokenFor(user: string, service: string, scope: string): string {
    const [, name = ''] = /^repository:([^:]+):/.exec(scope) ?? [];
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: 'imagepull-test',
      sub: user,
      aud: service,
      iat: now,
      nbf: now - 10,
      exp: now + 300,
      jti: randomUUID(),
      access: name === '' ? [] : [{ type: 'repository', name, actions: rights(user, name) }],
    };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ typ: 'JWT', alg: 'RS256', x5c })}.${part(claims)}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://token');
    const form = request.method === 'POST' ? new URLSearchParams(await bodyOf(request)) : url.searchParams;
    const user = userOf(request, form, logins);
    requests.push(`${request.method} ${url.pathname} ${user === undefined ? 'a wrong login' : user === '' ? 'nobody' : `login ${user}`}`);
    if (user === undefined) {
      response
        .writeHead(401, { 'content-type': 'application/json' })
        .end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }] }));
      return;
    }
    const token = tokenFor(user, form.get('service') ?? '', form.get('scope') ?? '');
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ [request.method === 'POST' ? 'access_token' : 'token']: token, expires_in: 300 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    realm: `http://127.0.0.1:${port}/token`,
    service: 'test-registry',
    issuer: 'imagepull-test',
    certificate,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The user of a request, `''` for nobody, undefined for a wrong login. A refresh token is `refresh-` and the password. */
function userOf(request: IncomingMessage, form: URLSearchParams, logins: Readonly<Record<string, string>>): string | undefined {
  const refresh = form.get('refresh_token');
  if (refresh !== null) return Object.keys(logins).find((user) => refresh === `refresh-${logins[user]}`);
  const header = request.headers.authorization;
  if (header === undefined) return '';
  const [user = '', password = ''] = Buffer.from(header.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(/:(.*)/s);
  return logins[user] === password ? user : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
