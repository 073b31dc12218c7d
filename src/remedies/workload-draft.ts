import type { Json } from '../approval/canonical-json.ts';
import type { Draft, Drafted, DraftedObject } from './draft.ts';
import { RISK_OF } from './remedy-risk.ts';
import type { Workload } from './workload.ts';

/** The draft of a remedy that changes a workload's template: `patch` is of the workload, and what else it rests on comes behind that. */
export function workloadDraft(
  workload: Workload,
  given: Pick<Draft, 'remedy' | 'effect' | 'undo'> & {
    readonly notChecked: readonly string[];
    readonly patch: Json;
    readonly restsOn?: readonly DraftedObject[];
  },
): Drafted {
  const { patch, restsOn = [], notChecked, remedy, effect, undo } = given;
  return {
    status: 'drafted',
    draft: {
      remedy,
      objects: [workload.drafted, ...restsOn],
      changes: [{ verb: 'patch', object: 0, type: 'strategic-merge', patch }],
      blast: workload.blast,
      risk: RISK_OF[remedy.id],
      effect,
      ...(undo === undefined ? {} : { undo }),
      notChecked: [...new Set([...notChecked, ...workload.notChecked])],
      watched: workload.watched,
    },
  };
}
