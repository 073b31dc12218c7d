import type { Remedy } from '../approval/remedy.ts';
import { parseImageReference } from '../facts/image-reference.ts';
import { type DraftContext, type Drafted, refused } from './draft.ts';
import { nextPullSecrets } from './next-pull-secrets.ts';
import { podFields } from './object-shape.ts';
import { RISK_OF } from './remedy-risk.ts';
import { isWorkload, readWorkload } from './workload.ts';

/** Sets the image of one container to another tag of the same repository, pinned to what the tag was when somebody chose it. */
export async function draftSetImage(remedy: Extract<Remedy, { readonly id: 'set-image' }>, context: DraftContext): Promise<Drafted> {
  const { workload: named, container, repository, tag, digest } = remedy;
  const workload = await readWorkload(named, 'template', context);
  if (!isWorkload(workload)) return workload;
  const { called, spec, pods } = workload;
  const field = ['containers', 'initContainers'] as const;
  const [where] = field.filter((one) => (spec.template.spec[one] ?? []).some(({ name }) => name === container));
  const now = where === undefined ? undefined : (spec.template.spec[where] ?? []).find(({ name }) => name === container)?.image;
  if (where === undefined || now === undefined) return refused(`${called} has no container ${container} with an image.`);
  const parsed = parseImageReference(now);
  if (parsed.status === 'invalid' || repositoryOf(now) !== repository)
    return refused(`Container ${container} of ${called} asks for ${now} now, which is of another repository than ${repository}.`);
  const image = `${repository}:${tag}@${digest}`;
  const tagged = `${repository}:${tag}`;
  const pullSecrets = await nextPullSecrets(spec.template.spec, { ...context, namespace: named.namespace });
  const node = pods.map((pod) => podFields(pod).spec.nodeName).find((name) => name !== undefined);
  const question = { namespace: named.namespace, pullSecrets, node };
  const proof = await context.provePull({ ...question, image: tagged });
  if (proof.status !== 'pullable') return refused(proof.says);
  if (proof.digest !== digest)
    return refused(`${tagged} is ${proof.digest ?? 'of a digest that the registry does not tell'} now, no longer ${digest}.`);
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
          patch: { spec: { template: { spec: { [where]: [{ name: container, image }] } } } },
        },
      ],
      blast: workload.blast,
      risk: RISK_OF[remedy.id],
      effect: `Container ${container} of ${called} asks for ${tagged}; its pods are replaced one after the other.`,
      undo: `Set the image back to ${now}.`,
      notChecked: [...new Set([...proof.notChecked, ...workload.notChecked, `Whether ${tagged} works: only that it can be pulled.`])],
      watched: workload.watched,
    },
  };
}

/** An image without its tag and digest, as it is written. */
export function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
}
