import nock from 'nock';
import { afterEach, beforeEach } from 'vitest';

/**
 * Seals the network for a test file: nothing leaves the process, and every declared call has to be made. Tests declare
 * calls on the scope this returns; a call that nobody declared fails with what to write.
 */
export function sealHttp(origin: string): () => nock.Scope {
  beforeEach(() => {
    nock.disableNetConnect();
    if (!nock.isActive()) nock.activate();
  });
  afterEach(() => {
    const left = nock.pendingMocks();
    nock.cleanAll();
    nock.restore();
    if (left.length > 0) throw new Error(`declared but never called: ${left.join(', ')}`);
  });
  return () => nock(origin);
}
