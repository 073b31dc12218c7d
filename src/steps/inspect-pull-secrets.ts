import type { Finding } from '../diagnosis/finding.ts';
import { type KeyringMatch, lookUp } from '../diagnosis/secret/keyring.ts';
import { addedLaterFinding, matchFindings, noneOnAccountFinding, secretFindings } from '../diagnosis/secret/secret-findings.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import type { ServiceAccount } from '../facts/kubernetes/kubernetes-object.ts';
import { list } from '../text/wording.ts';
import { imagesInQuestion, type QuestionedImage } from './images-in-question.ts';
import { attempt, throwPassing } from './partial-reading.ts';
import { type PodPullSecrets, readPullSecrets } from './pull-secrets-of-pod.ts';
import type { ProbeContext } from './step.ts';

/**
 * Works out which login the kubelet would send for each failing image, and why not the others. One request for the service
 * account and one for each pull secret. Nothing but names, keys and user names leaves this step.
 */
export async function inspectPullSecrets(context: ProbeContext): Promise<StepResult> {
  const { cluster, target, now, signal, mayReadSecrets } = context;
  const [pod, account] = await Promise.all([
    readPullSecrets(context, mayReadSecrets ? target.pullSecrets : []),
    attempt(() => cluster.readServiceAccount(target.namespace, target.serviceAccount, signal)),
  ]);
  const sawNothing = account.status === 'refused' && pod.readings.every((reading) => reading.status === 'refused');
  if (sawNothing) throwPassing([...pod.readings, account]);
  // The node pulls the sandbox's image itself, with no pull secret.
  const images = imagesInQuestion(context).filter((image) => image.kind !== 'pod sandbox');
  // A malformed secret fails the whole lookup, so nothing is to be said of single keys.
  const complete = mayReadSecrets && pod.obstacles.length === 0 && pod.secrets.every((secret) => secret.status !== 'malformed');
  const later = account.status === 'read' ? await addedLater(context, images, pod, account.value) : { findings: [], obstacles: [] };
  // A pod may outlive its account, and one that names secrets of its own got none of its account's.
  const unread = account.status === 'refused' && account.code !== 'cluster/not-found' && target.pullSecrets.length === 0;
  const unreadAccount = unread ? [account.because] : [];
  const obstacles = [
    ...(mayReadSecrets || target.pullSecrets.length === 0
      ? []
      : [`The pull secrets ${list(target.pullSecrets)} were not read, as was asked.`]),
    ...pod.obstacles,
    ...unreadAccount,
    ...later.obstacles,
  ];
  return {
    findings: [
      ...secretFindings({ ...pod, namespace: target.namespace }, now),
      ...images.flatMap(({ container, image }) => matchFindings({ container, image, answer: lookUp(image, pod.secrets), complete }, now)),
      ...(account.status === 'read' && namesOf(account.value).length === 0 && target.pullSecrets.length === 0
        ? [noneOnAccountFinding(target.serviceAccount, now)]
        : []),
      ...later.findings,
    ],
    ...(obstacles.length > 0 ? { shortfall: [...new Set(obstacles)].join('\n') } : {}),
    ...(unread ? { openQuestion: `Does service account ${target.serviceAccount} name a pull secret?` } : {}),
  };
}

function namesOf(account: ServiceAccount): readonly string[] {
  return (account.imagePullSecrets ?? []).flatMap(({ name }) => name || []);
}

interface AddedLater {
  readonly findings: readonly Finding[];
  readonly obstacles: readonly string[];
}

/** Secrets that the account names today and the pod did not get, where one of them has a login that the image lacks. */
async function addedLater(
  context: ProbeContext,
  images: readonly QuestionedImage[],
  pod: PodPullSecrets,
  account: ServiceAccount,
): Promise<AddedLater> {
  const { target, now, mayReadSecrets } = context;
  const { serviceAccount } = target;
  const names = namesOf(account);
  const without = images.filter(({ image }) => loginsFor(image, pod).length === 0);
  // A pod that names secrets of its own never gets its account's, so recreating it would change nothing.
  if (names.length === 0 || without.length === 0 || target.pullSecrets.length > 0) return { findings: [], obstacles: [] };
  const later = await readPullSecrets(context, mayReadSecrets ? names : []);
  const findings = without.flatMap(({ container, image }) => {
    const withLogin = [...new Set(loginsFor(image, later).map(({ secret }) => secret))];
    return withLogin.length === 0 ? [] : [addedLaterFinding({ container, image, serviceAccount, names: withLogin }, now)];
  });
  const unsure = findings.length === 0 && (!mayReadSecrets || later.obstacles.length > 0);
  return {
    findings,
    obstacles: unsure
      ? [
          `Service account ${serviceAccount} names ${list(names)}, which this pod does not have; whether a login in there would help is unknown.`,
          ...later.obstacles,
        ]
      : [],
  };
}

function loginsFor(image: string, { secrets }: PodPullSecrets): readonly KeyringMatch[] {
  return lookUp(image, secrets).matches.filter((match) => match.hasLogin);
}
