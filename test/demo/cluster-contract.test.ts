import { afterAll, beforeAll, describe } from 'vitest';
import type { Account } from '../../src/demo/cluster/access/account.ts';
import { type ClusterServer, startCluster } from '../../src/demo/cluster/cluster-server.ts';
import { describeApiServer } from '../contract/api-server-contract.ts';

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const POWERLESS = 'system:serviceaccount:default:powerless';
const accounts = new Map<string, Account>([
  ['admin-token', { user: 'admin' }],
  ['powerless-token', { user: POWERLESS, may: () => false }],
]);
let cluster: ClusterServer;
beforeAll(async () => {
  cluster = await startCluster({ accounts });
});
afterAll(() => cluster.stop());

describe('the stand-in for an API server', () => {
  describeApiServer(() => ({
    url: cluster.url,
    admin: bearer('admin-token'),
    powerless: { user: POWERLESS, options: bearer('powerless-token') },
    nobody: bearer('unknown-token'),
    async account(name) {
      const user = `system:serviceaccount:default:${name}`;
      accounts.set(`${name}-token`, { user, may: () => false });
      return { user, options: bearer(`${name}-token`) };
    },
    async allow(subject, rules) {
      cluster.rights.set(subject, rules);
    },
    async webhook(webhook) {
      const remove = cluster.admission.add(webhook);
      return async () => remove();
    },
  }));
});
