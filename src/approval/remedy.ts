import { z } from 'zod';
import { PlanId } from './plan-id.ts';

const Name = z.string().min(1).max(253);
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not a digest such as sha256:…');
/** `Deployment/web` in a namespace. */
const Workload = z.strictObject({ namespace: Name, kind: Name, name: Name });

/**
 * What a plan does, with typed parameters; never text for a shell. The executor builds patch or deletion from these anew, and refuses a plan
 * whose change is another.
 */
export const Remedy = z.discriminatedUnion('id', [
  z.strictObject({ id: z.literal('delete-pod'), namespace: Name, pod: Name }),
  z.strictObject({ id: z.literal('restart-workload'), workload: Workload }),
  /** Revision 0 is the newest one that is known to have run. */
  z.strictObject({ id: z.literal('roll-back'), workload: Workload, revision: z.int().nonnegative() }),
  z.strictObject({
    id: z.literal('set-image'),
    workload: Workload,
    container: Name,
    repository: z.string().min(1).max(512),
    tag: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, 'is not a tag'),
    digest: Digest,
  }),
  /** To the template of the workload, or to its service account: then the workload is restarted, too. */
  z.strictObject({
    id: z.literal('attach-pull-secret'),
    workload: Workload,
    secret: Name,
    to: z.literal('service-account').exactOptional(),
  }),
  z.strictObject({ id: z.literal('cordon-node'), node: Name }),
  z.strictObject({ id: z.literal('uncordon-node'), node: Name }),
  /** A look from the node of the pod; `images` lists what a pruning may choose from, and is about no image. */
  z.strictObject({
    id: z.literal('probe-node'),
    node: Name,
    look: z.enum(['probe', 'pull', 'images']),
    image: z.string().min(1).max(1000).exactOptional(),
  }),
  /** Of the images that the plan `listing` found. */
  z.strictObject({ id: z.literal('prune-images'), node: Name, listing: PlanId }),
]);
export type Remedy = Readonly<z.infer<typeof Remedy>>;

/** The names of all remedies, as policies write them. */
export const REMEDY_IDS = [
  'delete-pod',
  'restart-workload',
  'roll-back',
  'set-image',
  'attach-pull-secret',
  'cordon-node',
  'uncordon-node',
  'probe-node',
  'prune-images',
] as const satisfies readonly Remedy['id'][];

/** The namespace that a remedy acts in; undefined for one on a node. */
export function namespaceOf(remedy: Remedy): string | undefined {
  if ('workload' in remedy) return remedy.workload.namespace;
  return 'namespace' in remedy ? remedy.namespace : undefined;
}

/** Whether a remedy may be carried out though nobody asked: it looks, and pulls nothing, so that no author of a pod summons a pull. */
export function mayBeUnasked(remedy: Remedy): boolean {
  return remedy.id === 'probe-node' && remedy.look === 'probe';
}
