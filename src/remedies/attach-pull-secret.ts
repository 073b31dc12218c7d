import type { Remedy } from '../approval/remedy.ts';
import { list } from '../text/wording.ts';
import { type DraftContext, type Drafted, drafted, refused } from './draft.ts';
import { nextPullSecrets } from './next-pull-secrets.ts';
import { failingImages, podFields, pullSecretsIn } from './object-shape.ts';
import { type Proven, proveImages } from './prove-images.ts';
import { RISK_OF } from './remedy-risk.ts';
import { restartPatch } from './restart-workload.ts';
import { isWorkload, readWorkload, type Workload } from './workload.ts';
import { workloadDraft } from './workload-draft.ts';

/**
 * Gives the pods of a workload one of their namespace's own secrets, beside those that they have: in its template, or in its service account. It
 * has to be proven to work for the image.
 */
export async function draftAttachPullSecret(remedy: Attach, context: DraftContext): Promise<Drafted> {
  const { workload: named, secret, to } = remedy;
  const { namespace } = named;
  const workload = await readWorkload(named, to === undefined ? 'template' : 'restart', context);
  if (!isWorkload(workload)) return workload;
  const { called, spec, pods } = workload;
  const there = await nextPullSecrets(spec.template.spec, { ...context, namespace });
  if (there.includes(secret)) return refused(`Pods of ${called} get the secret ${secret} already.`);
  if (to !== undefined && pullSecretsIn(spec.template.spec).length > 0)
    return refused(`${called} names pull secrets itself, so its pods get none of their service account.`);
  const images = [...new Set(pods.flatMap((pod) => failingImages(podFields(pod)).map(({ image }) => image)))].sort();
  if (images.length === 0) return refused(`No pod of ${called} fails for an image any more.`);
  const asked = { namespace, pullSecrets: [...there, secret], node: workload.node };
  const proven = await proveImages(images, asked, context);
  if ('because' in proven) return proven;
  const given = { remedy, workload, there, proven };
  return to === undefined ? toTemplate(given) : toServiceAccount(given, context);
}

type Attach = Extract<Remedy, { readonly id: 'attach-pull-secret' }>;

/** What is attached to whom, beside what is there. */
interface Attaching {
  readonly remedy: Attach;
  readonly workload: Workload;
  readonly there: readonly string[];
  readonly proven: Proven;
}

/** A template that names a secret no longer gets those of its service account, so they are named beside it. */
function toTemplate({ remedy, workload, there, proven }: Attaching): Drafted {
  const { secret } = remedy;
  return workloadDraft(workload, {
    remedy,
    patch: { spec: { template: { spec: { imagePullSecrets: [...there, secret].map((name) => ({ name })) } } } },
    effect: `Pods of ${workload.called} pull with secret ${secret}${beside(there)}; they are replaced one after the other.`,
    undo: `Take secret ${secret} out of the template again.`,
    notChecked: [...proven.notChecked, 'A template that names secrets gets none that are added to its service account later.'],
  });
}

/** The list is sent whole, since the API server replaces it whole; pods get it when they are made, so they are made anew. */
async function toServiceAccount(
  { remedy, workload, there, proven }: Attaching,
  { objects, hash, askedAt }: DraftContext,
): Promise<Drafted> {
  const { secret } = remedy;
  const { called, drafted: object, spec, name: named } = workload;
  const { namespace } = named;
  const name = spec.template.spec.serviceAccountName ?? 'default';
  const account = drafted('ServiceAccount', await objects.read({ kind: 'ServiceAccount', namespace, name }), hash);
  const secrets = [...there, secret].map((one) => ({ name: one }));
  return {
    status: 'drafted',
    draft: {
      remedy,
      objects: [account, object],
      changes: [
        { verb: 'patch', object: 0, type: 'strategic-merge', patch: { imagePullSecrets: secrets } },
        { verb: 'patch', object: 1, type: 'strategic-merge', patch: restartPatch(askedAt) },
      ],
      blast: workload.blast,
      risk: RISK_OF[remedy.id],
      effect: `Every pod of service account ${name} that is made from now on pulls with secret ${secret}${beside(there)}; those of ${called} are replaced one after the other.`,
      undo: `Take secret ${secret} out of service account ${name} again.`,
      notChecked: [
        ...new Set([
          ...proven.notChecked,
          ...workload.notChecked,
          `Which other workloads have service account ${name}: their pods get the secret when they are made next.`,
        ]),
      ],
      watched: workload.watched,
    },
  };
}

function beside(there: readonly string[]): string {
  return there.length > 0 ? `, beside ${list(there)}` : '';
}
