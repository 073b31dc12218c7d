import type { ApiAddress } from '../contract/api-target.ts';
import type { OwnNamespace } from './cluster.ts';

/** The API server of KUBECONFIG, by its client certificate, and who has signed its own. */
export async function realAddress({ kubectl }: OwnNamespace): Promise<ApiAddress & { readonly ca: string }> {
  const read = (path: string) => kubectl('config', 'view', '--raw', '--minify', '-o', `jsonpath={${path}}`);
  const decoded = async (path: string) => Buffer.from(await read(path), 'base64').toString('utf8');
  const ca = await decoded('.clusters[0].cluster.certificate-authority-data');
  const user = '.users[0].user';
  return {
    url: await read('.clusters[0].cluster.server'),
    admin: { ca, cert: await decoded(`${user}.client-certificate-data`), key: await decoded(`${user}.client-key-data`) },
    ca,
  };
}
