import type { Finding } from '../diagnosis/finding.ts';
import { lookUp } from '../diagnosis/keyring.ts';
import type { ServiceAccount } from '../diagnosis/kubernetes-object.ts';
import { addedLaterFinding, matchFindings, noneOnAccountFinding, secretFindings } from '../diagnosis/secret-findings.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import { asCodedError } from '../errors.ts';
import { imagesInQuestion, type QuestionedImage } from './images-in-question.ts';
import { type PodPullSecrets, readPullSecrets } from './pull-secrets-of-pod.ts';
import type { ProbeContext } from './step.ts';

/**
 * Works out which login the kubelet would send for each failing image, and why not the others. One request for the service
 * account and one for each pull secret. Nothing but names, keys and user names leaves this step.
 */
export async function inspectPullSecrets(context: ProbeContext): Promise<StepResult> {
  const { target, now } = context;
  const [pod, account] = await Promise.all([readPullSecrets(context, target.pullSecrets), readServiceAccount(context)]);
  // The node pulls the sandbox's image itself, with no pull secret.
  const images = imagesInQuestion(context).filter((image) => image.kind !== 'pod sandbox');
  const matches =
    pod.obstacles.length > 0
      ? []
      : images.flatMap(({ container, image }) => matchFindings(container, image, lookUp(image, pod.secrets), now));
  const obstacles = [...pod.obstacles, ...account.obstacles];
  return {
    findings: [
      ...secretFindings({ ...pod, namespace: target.namespace }, now),
      ...matches,
      ...(hasNone(account.value) && target.pullSecrets.length === 0 ? [noneOnAccountFinding(target.serviceAccount, now)] : []),
      ...(await addedLater(context, images, pod, account.value)),
    ],
    ...(obstacles.length > 0 ? { shortfall: obstacles.join('\n') } : {}),
  };
}

function hasNone(account: ServiceAccount | undefined): boolean {
  return account !== undefined && !account.imagePullSecrets?.some(({ name }) => name);
}

async function readServiceAccount(
  context: ProbeContext,
): Promise<{ readonly value: ServiceAccount | undefined; readonly obstacles: readonly string[] }> {
  const { cluster, target, signal } = context;
  try {
    return { value: await cluster.readServiceAccount(target.namespace, target.serviceAccount, signal), obstacles: [] };
  } catch (cause) {
    const error = asCodedError(cause);
    // A pod may outlive its account.
    if (error.code === 'cluster/not-found') return { value: undefined, obstacles: [] };
    if (error.code === 'cluster/forbidden' || error.code === 'recording/absent') return { value: undefined, obstacles: [error.message] };
    throw error;
  }
}

/** Secrets that the account names today and the pod did not get, where one of them has a login that the image lacks. */
async function addedLater(
  context: ProbeContext,
  images: readonly QuestionedImage[],
  pod: PodPullSecrets,
  account: ServiceAccount | undefined,
): Promise<readonly Finding[]> {
  const { target, now } = context;
  const names = (account?.imagePullSecrets ?? []).flatMap(({ name }) => (name && !target.pullSecrets.includes(name) ? [name] : []));
  const without = images.filter(({ image }) => lookUp(image, pod.secrets).matches.length === 0);
  // A pod that names secrets of its own never gets its account's, so recreating it would change nothing.
  if (names.length === 0 || without.length === 0 || target.pullSecrets.length > 0) return [];
  const read = await readPullSecrets(context, names);
  return without.flatMap(({ container, image }) => {
    const match = lookUp(image, read.secrets).matches[0];
    if (!match && read.obstacles.length === 0) return [];
    return [addedLaterFinding({ container, image, serviceAccount: target.serviceAccount, names, match }, now)];
  });
}
