import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach } from 'vitest';
import type { Account } from '../../src/facts/credential.ts';
import { type ImageReference, parseImageReference } from '../../src/facts/image-reference.ts';
import { SecretText } from '../../src/facts/secret-text.ts';
import { startServer, type TestServer } from './http-server.ts';

/** What a server does with a request. */
export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** A login that must show nowhere. */
export const ROBOT: Account = {
  name: 'the login of robot',
  credential: { kind: 'basic', username: 'robot', password: new SecretText('canary-password') },
};

/** Headers of a manifest. */
export const MANIFEST = {
  'content-type': 'application/vnd.oci.image.manifest.v1+json',
  'docker-content-digest': `sha256:${'a'.repeat(64)}`,
};

/** shop/web:1.0 at a registry. */
export function reference(host: string): ImageReference {
  const parsed = parseImageReference(`${host}/shop/web:1.0`);
  if (parsed.status === 'invalid') throw new Error(parsed.because);
  return parsed.reference;
}

/** Servers that end with the test that started them; `registry` greets, and then does what the test is about. */
export function testServers() {
  const running: TestServer[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });

  async function serve(handle: Handle): Promise<TestServer> {
    const server = await startServer(handle);
    running.push(server);
    return server;
  }

  const registry = (handle: Handle, challenge?: string): Promise<TestServer> =>
    serve((request, response) => {
      if (request.url !== '/v2/') return handle(request, response);
      const headers = { 'docker-distribution-api-version': 'registry/2.0', ...(challenge ? { 'www-authenticate': challenge } : {}) };
      response.writeHead(challenge ? 401 : 200, headers).end('{}');
    });

  return { serve, registry };
}
