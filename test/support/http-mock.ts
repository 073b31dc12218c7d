import nock from 'nock';
import { afterEach, beforeEach } from 'vitest';

/**
 * Seals the network for a test file: nothing leaves the process, and every declared call has to be made. Tests declare
 * calls on the scope this returns; a call that nobody declared fails with what to write.
 */
export function sealHttp(origin: string): () => nock.Scope {
  const undeclared: string[] = [];
  nock.emitter.on('no match', (request: { readonly method?: string; readonly path?: string }) =>
    undeclared.push(`${request.method} ${request.path}`),
  );
  beforeEach(() => {
    nock.disableNetConnect();
    if (!nock.isActive()) nock.activate();
  });
  afterEach(() => {
    const left = nock.pendingMocks();
    nock.cleanAll();
    nock.restore();
    const unexpected = undeclared.splice(0);
    if (unexpected.length > 0) throw new Error(`called but never declared: ${unexpected.join(', ')}`);
    if (left.length > 0) throw new Error(`declared but never called: ${left.join(', ')}`);
  });
  return () => nock(origin);
}
