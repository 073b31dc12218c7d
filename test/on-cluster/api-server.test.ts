import { afterAll, beforeAll, describe } from 'vitest';
import { describeApiServer } from '../contract/api-server-contract.ts';
import type { ApiTarget } from '../contract/api-target.ts';
import { type OwnNamespace, ownNamespace } from './cluster.ts';
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

/** The API server of KUBECONFIG, by its client certificate, and service accounts. */
async function realTarget({ kubectl }: OwnNamespace): Promise<ApiTarget> {
  const read = (path: string) => kubectl('config', 'view', '--raw', '--minify', '-o', `jsonpath={${path}}`);
  const decoded = async (path: string) => Buffer.from(await read(path), 'base64').toString('utf8');
  const ca = await decoded('.clusters[0].cluster.certificate-authority-data');
  const user = '.users[0].user';
  const bearer = (of: string) => ({ ca, headers: { authorization: `Bearer ${of}` } });
  const account: ApiTarget['account'] = async (name) => {
    await kubectl('create', 'serviceaccount', name);
    const token = (await kubectl('create', 'token', name)).trim();
    return { user: `system:serviceaccount:${own.name}:${name}`, options: bearer(token) };
  };
  return {
    url: await read('.clusters[0].cluster.server'),
    admin: { ca, cert: await decoded(`${user}.client-certificate-data`), key: await decoded(`${user}.client-key-data`) },
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
