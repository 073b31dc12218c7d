import type { Remedy } from '../approval/remedy.ts';
import { parseImageReference } from '../facts/image-reference.ts';
import { type DraftContext, type Drafted, refused } from './draft.ts';
import { nextPullSecrets } from './next-pull-secrets.ts';
import { isWorkload, readWorkload } from './workload.ts';
import { workloadDraft } from './workload-draft.ts';

/** Sets the image of one container to another tag of the same repository, pinned to what the tag was when somebody chose it. */
export async function draftSetImage(remedy: Extract<Remedy, { readonly id: 'set-image' }>, context: DraftContext): Promise<Drafted> {
  const { workload: named, container, repository, tag, digest } = remedy;
  const workload = await readWorkload(named, 'template', context);
  if (!isWorkload(workload)) return workload;
  const { called, spec } = workload;
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
  const proof = await context.provePull({ namespace: named.namespace, pullSecrets, node: workload.node, image: tagged });
  if (proof.status !== 'pullable') return refused(proof.says);
  if (proof.digest !== digest)
    return refused(`${tagged} is ${proof.digest ?? 'of a digest that the registry does not tell'} now, no longer ${digest}.`);
  return workloadDraft(workload, {
    remedy,
    patch: { spec: { template: { spec: { [where]: [{ name: container, image }] } } } },
    effect: `Container ${container} of ${called} asks for ${tagged}; its pods are replaced one after the other.`,
    undo: `Set the image back to ${now}.`,
    notChecked: [...proof.notChecked, `Whether ${tagged} works: only that it can be pulled.`],
  });
}

/** An image without its tag and digest, as it is written. */
export function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
}
