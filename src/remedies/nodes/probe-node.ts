import type { NodeWork } from '../../approval/node-work.ts';
import type { Remedy } from '../../approval/remedy.ts';
import { whyNotOn } from '../../node-task/allowed-nodes.ts';
import { type DraftContext, type Drafted, drafted, refused } from '../draft.ts';
import { failingImages, podFields } from '../object-shape.ts';
import { RISK_OF } from '../remedy-risk.ts';

/** Without settings nothing is ever run on a node. */
export const NO_TASKS = 'Nothing is run on the nodes of this cluster: clusters[].nodeTasks of the configuration is off or names no image.';

/** Looks from the node of the pod that the diagnosis was about, by a pod that is made for it: at what a pull needs, by a pull, or at the node's images. */
export async function draftProbe(
  remedy: Extract<Remedy, { readonly id: 'probe-node' }>,
  { objects, hash, target, nodeTasks }: DraftContext,
): Promise<Drafted> {
  const { node: name, look, image } = remedy;
  if (nodeTasks === undefined || nodeTasks.mode === 'off') return refused(NO_TASKS);
  const node = await objects.read({ kind: 'Node', name });
  const barred = whyNotOn(node, nodeTasks.allowed);
  if (barred !== undefined) return refused(barred);
  const called = `Pod ${target.namespace}/${target.pod}`;
  const pod = podFields(await objects.read({ kind: 'Pod', namespace: target.namespace, name: target.pod }));
  if (pod.spec.nodeName !== name) return refused(`${called} is not on ${name}.`);
  const failing = failingImages(pod).find((one) => one.image === image);
  if (look !== 'images' && failing === undefined) return refused(`${called} no longer fails for ${image}.`);
  return {
    status: 'drafted',
    draft: {
      remedy,
      objects: [drafted('Node', node, hash)],
      changes: [{ verb: 'create', object: 0, work: workOf(look, failing, target) }],
      blast: { restarts: 0, disruptionBudgets: [] },
      risk: RISK_OF[remedy.id],
      effect: `A pod that is root on ${name} by the runtime's socket ${WORDS[look](image ?? '')} and is removed.`,
      undo: UNDO[look],
      notChecked: look === 'pull' ? [`Whether ${name} has room for it.`] : [],
      watched: { kind: 'task' },
    },
  };
}

const WORDS = {
  probe: (image: string) => `looks at what a pull of ${image} needs, pulls nothing,`,
  pull: (image: string) => `has it pull ${image} with the login of the pod, removes it again unless a container uses it by then,`,
  images: () => 'lists the images and what uses them, removes none,',
} as const;

const UNDO = {
  probe: 'Nothing is left to undo.',
  pull: 'An image that stays, because a container uses it by then, is one that the pod needs.',
  images: 'Nothing is left to undo.',
} as const;

function workOf(
  look: keyof typeof WORDS,
  failing: { readonly container: string; readonly image: string } | undefined,
  { namespace, pod }: DraftContext['target'],
): NodeWork {
  if (look === 'images' || failing === undefined) return { kind: 'images' };
  return look === 'probe' ? { kind: look, ...failing } : { kind: look, ...failing, loginOf: { namespace, pod } };
}
