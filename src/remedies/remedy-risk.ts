import type { Plan } from '../approval/plan.ts';
import type { Remedy } from '../approval/remedy.ts';

/** How much each remedy may cost: known before there is a plan, so that a policy can be asked about an offer. */
export const RISK_OF = {
  'delete-pod': 'low',
  'restart-workload': 'medium',
  'roll-back': 'medium',
  'set-image': 'medium',
  'attach-pull-secret': 'medium',
  'cordon-node': 'medium',
  'uncordon-node': 'low',
  'probe-node': 'low',
  'prune-images': 'high',
} as const satisfies Readonly<Record<Remedy['id'], Plan['risk']>>;
