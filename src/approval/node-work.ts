import { z } from 'zod';
import { ImagesDocument } from '../node/document.ts';
import { PrunePlan } from '../node/prune/plan.ts';
import { PlanId } from './plan-id.ts';

const Image = z.string().min(1).max(1000);
const Name = z.string().min(1).max(253);

/** What a node is to do: the tasks of `imagepull node`. Images of pods that have not begun are added to a pruning at its start, so that a new pod does not end the plan. */
export const NodeWork = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('probe'), image: Image, container: Name }),
  /** With the login that the kubelet would choose for this pod. */
  z.strictObject({
    kind: z.literal('pull'),
    image: Image,
    container: Name,
    loginOf: z.strictObject({ namespace: Name, pod: Name }),
  }),
  z.strictObject({ kind: z.literal('images') }),
  z.strictObject({ kind: z.literal('prune'), plan: PrunePlan }),
]);
export type NodeWork = Readonly<z.infer<typeof NodeWork>>;

/** What a node had when a plan listed its images: what a pruning may choose from. Signed by the executor, so that nobody else adds to it. */
export const Listing = z.strictObject({
  planId: PlanId,
  node: z.strictObject({ name: Name, uid: z.string().min(1).max(128) }),
  /** Images that nothing uses, the largest first; containers whose image cannot be told; and the room. */
  document: ImagesDocument,
});
export type Listing = Readonly<z.infer<typeof Listing>>;
