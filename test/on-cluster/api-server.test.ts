import { afterAll, beforeAll, describe } from 'vitest';
import { describeApiServer } from '../contract/api-server-contract.ts';
import type { ApiTarget } from '../contract/api-target.ts';
import { type OwnNamespace, ownNamespace } from './cluster.ts';

let own: OwnNamespace;
let target: ApiTarget;
beforeAll(async () => {
  own = await ownNamespace();
  target = await realTarget(own);
});
afterAll(async () => own?.remove());

/** The API server of KUBECONFIG, by its client certificate, and a service account without rights. */
async function realTarget({ name, kubectl }: OwnNamespace): Promise<ApiTarget> {
  const read = (path: string) => kubectl('config', 'view', '--raw', '--minify', '-o', `jsonpath={${path}}`);
  const decoded = async (path: string) => Buffer.from(await read(path), 'base64').toString('utf8');
  const ca = await decoded('.clusters[0].cluster.certificate-authority-data');
  const user = '.users[0].user';
  await kubectl('create', 'serviceaccount', 'powerless');
  const token = (await kubectl('create', 'token', 'powerless')).trim();
  const bearer = (of: string) => ({ ca, headers: { authorization: `Bearer ${of}` } });
  return {
    url: await read('.clusters[0].cluster.server'),
    admin: { ca, cert: await decoded(`${user}.client-certificate-data`), key: await decoded(`${user}.client-key-data`) },
    powerless: { user: `system:serviceaccount:${name}:powerless`, options: bearer(token) },
    nobody: bearer('unknown-token'),
  };
}

describe('a real API server', () => {
  describeApiServer(() => target);
});
