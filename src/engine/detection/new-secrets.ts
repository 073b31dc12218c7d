import type { ClusterReader } from '../../cluster/cluster.ts';
import { asCodedError } from '../../errors.ts';
import type { Change } from '../../incident/incident.ts';

/** Most pull secrets of a pod that are looked at. */
const MAX_SECRETS = 5;

/** Pull secrets that were made after a pod began to fail. Of a secret only its name and its age are looked at; what cannot be read says nothing. */
export async function newSecrets(
  about: { readonly namespace: string; readonly names: readonly string[]; readonly since: string },
  cluster: Pick<ClusterReader, 'readSecret'>,
): Promise<readonly Change[]> {
  const { namespace, names, since } = about;
  const made = await Promise.all(
    names.slice(0, MAX_SECRETS).map(async (name): Promise<readonly Change[]> => {
      try {
        const at = (await cluster.readSecret(namespace, name)).metadata.creationTimestamp ?? '';
        return Date.parse(at) > Date.parse(since) ? [{ what: 'secret', name, at }] : [];
      } catch (cause) {
        const { area, retryable } = asCodedError(cause);
        if (area !== 'cluster' || retryable) throw cause;
        return [];
      }
    }),
  );
  return made.flat();
}
