import { afterAll, beforeAll, describe } from 'vitest';
import type { ApiAddress } from '../contract/api-target.ts';
import { describeWorkloads } from '../contract/workloads.ts';
import { type OwnNamespace, ownNamespace } from './cluster.ts';
import { realAddress } from './real-address.ts';
import { pullableImage } from './tag.ts';

const { repository, giveTag } = pullableImage();
let own: OwnNamespace;
let address: ApiAddress;
beforeAll(async () => {
  own = await ownNamespace();
  address = await realAddress(own);
});
afterAll(() => own?.remove());

describe('a real cluster', () => {
  describeWorkloads(() => ({ address, repository, giveTag, patienceMs: 240_000 }));
});
