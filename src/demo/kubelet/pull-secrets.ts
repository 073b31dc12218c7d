import { z } from 'zod';
import { parsedJson } from '../cluster/json.ts';
import type { ObjectStore } from '../cluster/object-store.ts';
import { resourceOfKind } from '../cluster/resources.ts';
import type { PullLogin } from './pull.ts';

const Secret = z.looseObject({ data: z.record(z.string(), z.string()).nullish() });
const DockerConfig = z.object({ auths: z.record(z.string(), z.object({ auth: z.string() })) });

/**
 * The login by which a pod's image is pulled: the first of its pull secrets that has the very registry. Globs, paths and several logins in turn,
 * which a kubelet knows as well, are not needed here.
 */
export function loginFor(
  image: string,
  { store, namespace, secrets }: { readonly store: ObjectStore; readonly namespace: string; readonly secrets: readonly string[] },
): PullLogin | undefined {
  const [host = ''] = image.split('/', 1);
  for (const name of secrets) {
    const secret = Secret.safeParse(store.get(resourceOfKind('Secret'), `${namespace}/${name}`));
    const config = decoded(secret.data?.data?.['.dockerconfigjson']);
    const read = DockerConfig.safeParse(config === undefined ? undefined : parsedJson(config));
    const auth = decoded(read.data?.auths[host]?.auth);
    const [username, password] = auth?.split(/:(.*)/s) ?? [];
    if (username !== undefined && password !== undefined) return { username, password };
  }
  return undefined;
}

/** Pull secrets that are not there. */
export function missingSecrets(
  secrets: readonly string[],
  { store, namespace }: { readonly store: ObjectStore; readonly namespace: string },
): readonly string[] {
  return secrets.filter((name) => store.get(resourceOfKind('Secret'), `${namespace}/${name}`) === undefined);
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8');
}
