import { afterAll, beforeAll, describe } from 'vitest';
import { describeApiServer } from '../contract/api-server-contract.ts';
import type { ApiTarget } from '../contract/api-target.ts';
import { type OwnNamespace, ownNamespace } from './cluster.ts';
import { realAddress } from './real-address.ts';
import { Roles } from './roles.ts';
import { Webhooks } from './webhooks.ts';

let own: OwnNamespace;
let target: ApiTarget;
let roles: Roles;
let webhooks: Webhooks;
beforeAll(async () => {
  own = await ownNamespace();
  roles = new Roles(own);
  webhooks = new Webhooks(own);
  target = await realTarget(own);
});
afterAll(async () => {
  await roles?.remove();
  await webhooks?.remove();
  await own?.remove();
});

/** The API server of KUBECONFIG, with service accounts. */
async function realTarget({ kubectl }: OwnNamespace): Promise<ApiTarget> {
  const address = await realAddress(own);
  const bearer = (of: string) => ({ ca: address.ca, headers: { authorization: `Bearer ${of}` } });
  const account: ApiTarget['account'] = async (name) => {
    await kubectl('create', 'serviceaccount', name);
    const token = (await kubectl('create', 'token', name)).trim();
    return { user: `system:serviceaccount:${own.name}:${name}`, options: bearer(token) };
  };
  return {
    ...address,
    powerless: await account('powerless'),
    nobody: bearer('unknown-token'),
    account,
    allow: (subject, rules) => roles.allow(subject, rules),
    webhook: (webhook) => webhooks.add(webhook),
  };
}

describe('a real API server', () => {
  describeApiServer(() => target);
});
