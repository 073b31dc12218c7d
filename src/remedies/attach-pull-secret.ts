import type { Remedy } from '../approval/remedy.ts';
import { list } from '../text/wording.ts';
import { type DraftContext, type Drafted, refused } from './draft.ts';
import { nextPullSecrets } from './next-pull-secrets.ts';
import { failingImages, podFields } from './object-shape.ts';
import { RISK_OF } from './remedy-risk.ts';
import { isWorkload, readWorkload } from './workload.ts';

/** Names one of the namespace's own secrets in the template of a workload, beside those that are there. It has to be proven to work for the image. */
export async function draftAttachPullSecret(
  remedy: Extract<Remedy, { readonly id: 'attach-pull-secret' }>,
  context: DraftContext,
): Promise<Drafted> {
  const { workload: named, secret } = remedy;
  const workload = await readWorkload(named, 'template', context);
  if (!isWorkload(workload)) return workload;
  const { called, spec, pods } = workload;
  // A template that names a secret no longer gets those of its service account, so they are named beside it.
  const there = await nextPullSecrets(spec.template.spec, { ...context, namespace: named.namespace });
  if (there.includes(secret)) return refused(`Pods of ${called} get the secret ${secret} already.`);
  const images = [...new Set(pods.flatMap((pod) => failingImages(podFields(pod)).map(({ image }) => image)))].sort();
  if (images.length === 0) return refused(`No pod of ${called} fails for an image any more.`);
  const node = pods.map((pod) => podFields(pod).spec.nodeName).find((name) => name !== undefined);
  const notChecked: string[] = [];
  for (const image of images) {
    const proof = await context.provePull({ image, namespace: named.namespace, pullSecrets: [...there, secret], node });
    if (proof.status !== 'pullable') return refused(proof.says);
    notChecked.push(...proof.notChecked);
  }
  return {
    status: 'drafted',
    draft: {
      remedy,
      objects: [workload.drafted],
      changes: [
        {
          verb: 'patch',
          object: 0,
          type: 'strategic-merge',
          patch: { spec: { template: { spec: { imagePullSecrets: [...there, secret].map((name) => ({ name })) } } } },
        },
      ],
      blast: workload.blast,
      risk: RISK_OF[remedy.id],
      effect: `Pods of ${called} pull with secret ${secret}${there.length > 0 ? `, beside ${list(there)}` : ''}; they are replaced one after the other.`,
      undo: `Take secret ${secret} out of the template again.`,
      notChecked: [
        ...new Set([
          ...notChecked,
          ...workload.notChecked,
          'A template that names secrets gets none that are added to its service account later.',
        ]),
      ],
      watched: workload.watched,
    },
  };
}
