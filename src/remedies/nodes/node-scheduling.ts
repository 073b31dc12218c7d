import type { Remedy } from '../../approval/remedy.ts';
import { type DraftContext, type Drafted, drafted, refused, unschedulable } from '../draft.ts';
import { RISK_OF } from '../remedy-risk.ts';

/** Keeps new pods from a node whose pulls fail for a cause of its own, or lets them in again. Pods that run stay. */
export async function draftScheduling(
  remedy: Extract<Remedy, { readonly id: 'cordon-node' | 'uncordon-node' }>,
  { objects, hash }: DraftContext,
): Promise<Drafted> {
  const { id, node: name } = remedy;
  const node = await objects.read({ kind: 'Node', name });
  const closes = id === 'cordon-node';
  if (unschedulable(node) === closes) return refused(`Node ${name} ${closes ? 'takes no new pods already' : 'takes new pods already'}.`);
  return {
    status: 'drafted',
    draft: {
      remedy,
      objects: [drafted('Node', node, hash)],
      changes: [{ verb: 'patch', object: 0, type: 'strategic-merge', patch: { spec: { unschedulable: closes } } }],
      blast: { restarts: 0, disruptionBudgets: [] },
      risk: RISK_OF[id],
      effect: closes
        ? `No new pod is placed on ${name}. Pods that are there stay, those that cannot pull as well: delete them, and they start elsewhere.`
        : `New pods may be placed on ${name} again.`,
      undo: closes ? `Uncordon ${name}.` : `Cordon ${name}.`,
      notChecked: closes ? ['Whether the other nodes have room for what would be placed there.'] : [],
      watched: { kind: 'nothing' },
    },
  };
}
