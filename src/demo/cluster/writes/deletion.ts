import { z } from 'zod';
import type { StoredObject } from '../objects.ts';
import type { Resource } from '../resources.ts';
import type { DeleteOptions } from './delete-options.ts';

/** What a DELETE does to an object. */
export type Deletion =
  /** It is on its way already, and no sooner. */
  | { readonly how: 'pending' }
  | { readonly how: 'at-once' }
  /** It is marked; after that it stays until somebody lets go of it, or goes as well. */
  | { readonly how: 'marked'; readonly marked: StoredObject; readonly stays: boolean };

interface Asked {
  readonly options: DeleteOptions;
  /** A time so many seconds from now. */
  readonly timeAfter: (seconds: number) => string;
}

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** What a DELETE does to an object: the rules of apiserver/pkg/registry/rest/delete.go. */
export function deletionOf(resource: Resource, object: StoredObject, asked: Asked): Deletion {
  const grace = graceOf(resource, object, asked);
  if (grace === 'pending') return { how: 'pending' };
  const finalizers = finalizersFor(resource, object, asked.options);
  const held = finalizers.length > 0;
  if (!grace && !held) return { how: 'at-once' };
  const { generation, deletionTimestamp } = object.metadata;
  const now = asked.timeAfter(0);
  const { at, graceS } = grace ?? { at: deletionTimestamp != null && deletionTimestamp < now ? deletionTimestamp : now, graceS: 0 };
  const marked: StoredObject = {
    ...object,
    metadata: {
      ...object.metadata,
      ...(held || object.metadata.finalizers ? { finalizers } : {}),
      ...(deletionTimestamp == null && generation ? { generation: generation + 1 } : {}),
      deletionTimestamp: at,
      deletionGracePeriodSeconds: graceS,
    },
  };
  return { how: 'marked', marked, stays: held || graceS > 0 };
}

const Pod = z.looseObject({
  spec: z.looseObject({ nodeName: z.string().optional(), terminationGracePeriodSeconds: z.number().nullish() }).optional(),
  status: z.looseObject({ phase: z.string().optional() }).optional(),
});
/** The default of a pod's spec. */
const GRACE_S = 30;

/** Until when a pod is given time; undefined for what is given none. */
function graceOf(
  { kind }: Resource,
  object: StoredObject,
  { options, timeAfter }: Asked,
): { readonly at: string; readonly graceS: number } | 'pending' | undefined {
  if (kind !== 'Pod') return undefined;
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  if (deletionTimestamp != null) {
    if (!deletionGracePeriodSeconds) return undefined;
    if (options.graceS === undefined || options.graceS >= deletionGracePeriodSeconds) return 'pending';
    const sooner = new Date(Date.parse(deletionTimestamp) - (deletionGracePeriodSeconds - options.graceS) * 1_000);
    const at = sooner.toISOString().replace(/\.\d+Z$/, 'Z');
    const now = timeAfter(0);
    return at < now ? { at: now, graceS: options.graceS === 0 ? 0 : 1 } : { at, graceS: options.graceS };
  }
  const { spec, status } = Pod.parse(object);
  // What no kubelet runs goes at once.
  const runs = spec?.nodeName && status?.phase !== 'Failed' && status?.phase !== 'Succeeded';
  const graceS = runs ? (options.graceS ?? spec.terminationGracePeriodSeconds ?? GRACE_S) : 0;
  return { at: timeAfter(graceS), graceS };
}

/** The finalizers with the garbage collector's own, as the options want them. */
function finalizersFor({ kind }: Resource, { metadata }: StoredObject, { propagation }: DeleteOptions): readonly string[] {
  const finalizers = metadata.finalizers ?? [];
  // These are not collected.
  if (propagation === undefined || kind === 'Namespace' || kind === 'Event') return finalizers;
  const others = finalizers.filter((name) => name !== ORPHAN && name !== FOREGROUND);
  if (propagation === 'Background') return others;
  return [...others, propagation === 'Orphan' ? ORPHAN : FOREGROUND];
}
