import { afterAll, beforeAll, describe } from 'vitest';
import { describeWorkloads } from '../contract/workloads.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { type LivingCluster, livingCluster } from './living-cluster.ts';

let living: LivingCluster;
beforeAll(async () => {
  living = await livingCluster();
  living.clock.run(20);
});
afterAll(() => living.stop());

describe('the stand-in for a cluster', () => {
  describeWorkloads(() => ({
    address: { url: living.cluster.url, admin: {} },
    repository: `${living.registry.host}/shop/web`,
    giveTag: async (tag) => void living.registry.repositories.push('shop/web', tag),
    patienceMs: PATIENCE_MS,
  }));
});
