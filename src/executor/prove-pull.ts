import { memberFor } from '../diagnosis/registry/platform-match.ts';
import { lookUp } from '../diagnosis/secret/keyring.ts';
import { asCodedError } from '../errors.ts';
import { type Account, ANONYMOUS } from '../facts/credential.ts';
import { isDockerHub } from '../facts/docker-hub.ts';
import { parseImageReference } from '../facts/image-reference.ts';
import type { ManifestAnswer, Platform } from '../facts/registry-answer.ts';
import type { PullProof, PullQuestion } from '../remedies/draft.ts';
import { readPullSecrets } from '../steps/pull-secrets-of-pod.ts';
import type { ExecutorCluster } from './executor-parts.ts';

/** For one image: secrets, node and registry. */
const LIMIT_MS = 20_000;

/**
 * Asks a registry for an image as the kubelet would: with the logins of the pod's secrets that match, one after the other, and anonymously
 * only where none does. Never throws: what could not be asked is `unknown`.
 */
export async function provePull(
  question: PullQuestion,
  { sources, mayReadSecrets }: Pick<ExecutorCluster, 'sources' | 'mayReadSecrets'>,
): Promise<PullProof> {
  const { image, namespace, pullSecrets, node } = question;
  const signal = AbortSignal.timeout(LIMIT_MS);
  const parsed = parseImageReference(image);
  if (parsed.status === 'invalid') return { status: 'refused', says: `${image} is not a valid image name.` };
  if (pullSecrets.length > 0 && !mayReadSecrets)
    return { status: 'unknown', says: `Whether ${image} can be pulled is not known: secrets are not to be read.` };
  try {
    const { secrets, obstacles } = await readPullSecrets({ cluster: sources.cluster, target: { namespace }, signal }, pullSecrets);
    const [obstacle] = obstacles;
    if (obstacle !== undefined) return { status: 'unknown', says: `Whether ${image} can be pulled is not known: ${obstacle}` };
    const accounts = lookUp(image, secrets)
      .matches.filter(({ hasLogin }) => hasLogin)
      .map(
        ({ secret, key, username, credential }): Account => ({
          name: `the login of ${username || 'nobody'} in secret ${secret} (${key})`,
          credential,
          secret,
        }),
      );
    const platform = node === undefined ? undefined : await platformOf(node, sources.cluster, signal);
    const how = isDockerHub(parsed.reference.registry) ? 'head' : 'get';
    let last: ManifestAnswer | undefined;
    for (const account of accounts.length === 0 ? [ANONYMOUS] : accounts) {
      last = await sources.registry.askManifest({ reference: parsed.reference, account, how }, signal);
      if (last.status === 'found') return foundProof(image, last, platform);
    }
    return { status: isNo(last) ? 'refused' : 'unknown', says: wordsOf(image, last, accounts.length > 0) };
  } catch (cause) {
    return { status: 'unknown', says: `Whether ${image} can be pulled is not known: ${asCodedError(cause).message}` };
  }
}

function foundProof(
  image: string,
  answer: Extract<ManifestAnswer, { readonly status: 'found' }>,
  platform: Platform | undefined,
): PullProof {
  const { content, digest } = answer;
  if (content.kind === 'unsupported')
    return { status: 'refused', says: `${image} is not an image that a node can run: ${content.because}.` };
  if (content.kind === 'index' && platform && !memberFor(platform, content.members))
    return { status: 'refused', says: `${image} is not built for ${platform.os}/${platform.architecture}.` };
  const isSeen = content.kind === 'index' && platform !== undefined;
  return {
    status: 'pullable',
    digest,
    notChecked: [
      'The registry was asked from here, not from the nodes.',
      ...(isSeen ? [] : [`Whether ${image} is built for the nodes' platform.`]),
    ],
  };
}

/** Undefined where it is not known: a role for some namespaces may read no node, and a node may be gone. */
async function platformOf(
  node: string,
  cluster: ExecutorCluster['sources']['cluster'],
  signal: AbortSignal,
): Promise<Platform | undefined> {
  try {
    const { operatingSystem: os, architecture } = (await cluster.readNode(node, signal)).status.nodeInfo ?? {};
    return os && architecture ? { os, architecture } : undefined;
  } catch (cause) {
    if (!/^cluster\/(?:forbidden|not-found)$/.test(asCodedError(cause).code)) throw cause;
    return undefined;
  }
}

function isNo(answer: ManifestAnswer | undefined): boolean {
  return answer?.status === 'missing' || answer?.status === 'unauthorized' || answer?.status === 'forbidden';
}

function wordsOf(image: string, answer: ManifestAnswer | undefined, withLogin: boolean): string {
  const as = withLogin ? "with the pod's login" : 'anonymously';
  switch (answer?.status) {
    case 'missing':
      return `The registry does not have ${image}, asked ${as}.`;
    case 'unauthorized':
    case 'forbidden':
      return `The registry refuses ${image}, asked ${as}.`;
    case 'rate-limited':
      return `The registry limits requests at the moment, so whether ${image} can be pulled is not known.`;
    case 'unreachable':
      return `The registry of ${image} cannot be reached from here, so whether it can be pulled is not known.`;
    default:
      return `The registry gave no usable answer for ${image}, so whether it can be pulled is not known.`;
  }
}
