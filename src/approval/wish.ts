import { z } from 'zod';
import { hasCanonicalJson } from './canonical-json.ts';
import { GroupId, UserId } from './person.ts';
import { FindingCodes, PlanPlace, Requester, Sha256, Time } from './plan.ts';
import { PlanId } from './plan-id.ts';
import { Remedy } from './remedy.ts';

/** What somebody asked for with a button: the executor makes the plan of it. Signed by the gateway, which alone knows who asked. */
export const Wish = z
  .strictObject({
    /** The id that the plan will have. */
    id: PlanId,
    cluster: z.string().min(1).max(253),
    incidentId: z.string().min(1).max(64),
    runId: z.string().min(1).max(64),
    /** The pod that the run was about. */
    target: z.strictObject({ namespace: z.string().min(1).max(63), pod: z.string().min(1).max(253) }),
    remedy: Remedy,
    requesters: z.array(Requester).max(20),
    place: PlanPlace,
    findings: FindingCodes,
    findingsDigest: Sha256,
    /** What is wrong, as the card says it. */
    title: z.string().min(1).max(500),
    /** Who was in the groups that the policy names when it was asked for. Nobody can forge later who was. */
    members: z.record(GroupId, z.array(UserId).max(10_000)),
    at: Time,
  })
  .refine(hasCanonicalJson, 'holds text that is no Unicode');
export type Wish = Readonly<z.infer<typeof Wish>>;

/** Whether nobody asked for a wish, or for the plan of one: then nobody decides about it either. */
export function isUnasked({ requesters }: { readonly requesters: readonly Requester[] }): boolean {
  return requesters.length === 0;
}
