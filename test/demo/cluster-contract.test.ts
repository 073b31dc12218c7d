import { afterAll, beforeAll, describe } from 'vitest';
import { type ClusterServer, startCluster } from '../../src/demo/cluster/cluster-server.ts';
import { describeApiServer } from '../contract/api-server-contract.ts';

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const POWERLESS = 'system:serviceaccount:default:powerless';
let cluster: ClusterServer;
beforeAll(async () => {
  cluster = await startCluster({
    accounts: new Map([
      ['admin-token', { user: 'admin' }],
      ['powerless-token', { user: POWERLESS, may: () => false }],
    ]),
  });
});
afterAll(() => cluster.stop());

describe('the stand-in for an API server', () => {
  describeApiServer(() => ({
    url: cluster.url,
    admin: bearer('admin-token'),
    powerless: { user: POWERLESS, options: bearer('powerless-token') },
    nobody: bearer('unknown-token'),
  }));
});
