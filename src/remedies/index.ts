import type { Remedy } from '../approval/remedy.ts';
import { draftAttachPullSecret } from './attach-pull-secret.ts';
import { draftDeletePod } from './delete-pod.ts';
import type { DraftContext, Drafted } from './draft.ts';
import { draftScheduling } from './nodes/node-scheduling.ts';
import { draftProbe } from './nodes/probe-node.ts';
import { draftPrune } from './nodes/prune-images.ts';
import { draftRestart } from './restart-workload.ts';
import { draftRollBack } from './roll-back.ts';
import { draftSetImage } from './set-image.ts';

/** What a remedy comes to with the cluster as it is now. The same remedy on the same cluster has the same draft. Throws what the cluster throws. */
export function draftOf(remedy: Remedy, context: DraftContext): Promise<Drafted> {
  switch (remedy.id) {
    case 'delete-pod':
      return draftDeletePod(remedy, context);
    case 'restart-workload':
      return draftRestart(remedy, context);
    case 'roll-back':
      return draftRollBack(remedy, context);
    case 'set-image':
      return draftSetImage(remedy, context);
    case 'attach-pull-secret':
      return draftAttachPullSecret(remedy, context);
    case 'cordon-node':
    case 'uncordon-node':
      return draftScheduling(remedy, context);
    case 'probe-node':
      return draftProbe(remedy, context);
    case 'prune-images':
      return draftPrune(remedy, context);
    default:
      return remedy satisfies never;
  }
}
