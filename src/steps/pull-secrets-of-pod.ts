import type { ClusterReader } from '../cluster/cluster.ts';
import { type PullSecret, readPullSecret } from '../diagnosis/pull-secret.ts';
import type { Target } from '../diagnosis/target.ts';
import { asCodedError } from '../errors.ts';

/** More pull secrets of one pod than this are not read. */
const MOST_SECRETS = 10;

/** The pull secrets of a pod as far as they could be read. */
export interface PodPullSecrets {
  readonly secrets: readonly PullSecret[];
  /** Names that no secret of the namespace has. */
  readonly missing: readonly string[];
  /** Why some could not be read, one sentence each. */
  readonly obstacles: readonly string[];
}

/** Reads the secrets that are named, in their order, at the same time; missing and forbidden ones are answers. Throws when the cluster fails otherwise. */
export async function readPullSecrets(
  given: { readonly cluster: ClusterReader; readonly target: Pick<Target, 'namespace'>; readonly signal: AbortSignal },
  names: readonly string[],
): Promise<PodPullSecrets> {
  const { cluster, target, signal } = given;
  const read = await Promise.all(names.slice(0, MOST_SECRETS).map((name) => readOne(cluster, target.namespace, name, signal)));
  const more = names.length - read.length;
  return {
    secrets: read.flatMap((result) => (result.status === 'read' ? [result.secret] : [])),
    missing: read.flatMap((result) => (result.status === 'missing' ? [result.name] : [])),
    obstacles: [
      ...new Set(read.flatMap((result) => (result.status === 'refused' ? [result.because] : []))),
      ...(more > 0 ? [`The pod names ${names.length} pull secrets; only the first ${MOST_SECRETS} were read.`] : []),
    ],
  };
}

type ReadSecret =
  | { readonly status: 'read'; readonly secret: PullSecret }
  | { readonly status: 'missing'; readonly name: string }
  | { readonly status: 'refused'; readonly because: string };

async function readOne(cluster: ClusterReader, namespace: string, name: string, signal: AbortSignal): Promise<ReadSecret> {
  try {
    return { status: 'read', secret: readPullSecret(await cluster.readSecret(namespace, name, signal)) };
  } catch (cause) {
    const error = asCodedError(cause);
    if (error.code === 'cluster/not-found') return { status: 'missing', name };
    if (error.code === 'cluster/forbidden' || error.code === 'recording/absent') return { status: 'refused', because: error.message };
    throw error;
  }
}
