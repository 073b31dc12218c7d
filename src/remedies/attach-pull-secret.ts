import type { Remedy } from '../approval/remedy.ts';
import { list } from '../text/wording.ts';
import { type Draft, type DraftContext, type Drafted, drafted, refused } from './draft.ts';
import { nextPullSecrets } from './next-pull-secrets.ts';
import { failingImages, podFields, pullSecretsIn } from './object-shape.ts';
import { RISK_OF } from './remedy-risk.ts';
import { restartPatch } from './restart-workload.ts';
import { isWorkload, readWorkload, type Workload } from './workload.ts';

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
  const node = pods.map((pod) => podFields(pod).spec.nodeName).find((name) => name !== undefined);
  const notChecked: string[] = [];
  for (const image of images) {
    const proof = await context.provePull({ image, namespace, pullSecrets: [...there, secret], node });
    if (proof.status !== 'pullable') return refused(proof.says);
    notChecked.push(...proof.notChecked);
  }
  const attached = to === undefined ? toTemplate(remedy, workload, there) : await toServiceAccount(remedy, workload, there, context);
  return {
    status: 'drafted',
    draft: {
      remedy,
      blast: workload.blast,
      risk: RISK_OF[remedy.id],
      watched: workload.watched,
      ...attached,
      notChecked: [...new Set([...notChecked, ...workload.notChecked, ...attached.notChecked])],
    },
  };
}

type Attach = Extract<Remedy, { readonly id: 'attach-pull-secret' }>;
type Attached = Pick<Draft, 'objects' | 'changes' | 'effect' | 'undo' | 'notChecked'>;

/** A template that names a secret no longer gets those of its service account, so they are named beside it. */
function toTemplate({ secret }: Attach, { called, drafted: object }: Workload, there: readonly string[]): Attached {
  return {
    objects: [object],
    changes: [
      {
        verb: 'patch',
        object: 0,
        type: 'strategic-merge',
        patch: { spec: { template: { spec: { imagePullSecrets: [...there, secret].map((name) => ({ name })) } } } },
      },
    ],
    effect: `Pods of ${called} pull with secret ${secret}${there.length > 0 ? `, beside ${list(there)}` : ''}; they are replaced one after the other.`,
    undo: `Take secret ${secret} out of the template again.`,
    notChecked: ['A template that names secrets gets none that are added to its service account later.'],
  };
}

/** The list is sent whole, since the API server replaces it whole; pods get it when they are made, so they are made anew. */
async function toServiceAccount(
  { secret, workload: { namespace } }: Attach,
  { called, drafted: object, spec }: Workload,
  there: readonly string[],
  { objects, hash, askedAt }: DraftContext,
): Promise<Attached> {
  const name = spec.template.spec.serviceAccountName ?? 'default';
  const account = drafted('ServiceAccount', await objects.read({ kind: 'ServiceAccount', namespace, name }), hash);
  return {
    objects: [account, object],
    changes: [
      { verb: 'patch', object: 0, type: 'strategic-merge', patch: { imagePullSecrets: [...there, secret].map((one) => ({ name: one })) } },
      { verb: 'patch', object: 1, type: 'strategic-merge', patch: restartPatch(askedAt) },
    ],
    effect: `Every pod of service account ${name} that is made from now on pulls with secret ${secret}${there.length > 0 ? `, beside ${list(there)}` : ''}; those of ${called} are replaced one after the other.`,
    undo: `Take secret ${secret} out of service account ${name} again.`,
    notChecked: [`Which other workloads have service account ${name}: their pods get the secret when they are made next.`],
  };
}
