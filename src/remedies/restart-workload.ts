import type { Json } from '../approval/canonical-json.ts';
import type { Remedy } from '../approval/remedy.ts';
import { count, list } from '../text/wording.ts';
import { type DraftContext, type Drafted, refused } from './draft.ts';
import { nextPullSecrets } from './next-pull-secrets.ts';
import { failingImages, podFields } from './object-shape.ts';
import { proveImages } from './prove-images.ts';
import { isWorkload, readWorkload } from './workload.ts';
import { workloadDraft } from './workload-draft.ts';

/** Replaces all pods of a workload, as `kubectl rollout restart` does, once nothing stands in the way of their images any more. */
export async function draftRestart(remedy: Extract<Remedy, { readonly id: 'restart-workload' }>, context: DraftContext): Promise<Drafted> {
  const { workload: named } = remedy;
  const workload = await readWorkload(named, 'restart', context);
  if (!isWorkload(workload)) return workload;
  const { called, spec, pods } = workload;
  const failing = pods.flatMap((pod) => failingImages(podFields(pod)));
  if (failing.length === 0) return refused(`No pod of ${called} fails for an image any more.`);
  const images = [...new Set(failing.map(({ image }) => image))].sort();
  const pullSecrets = await nextPullSecrets(spec.template.spec, { ...context, namespace: named.namespace });
  const asked = { namespace: named.namespace, pullSecrets, node: workload.node };
  const proven = await proveImages(images, asked, { ...context, otherwise: 'New pods would fail as these do.' });
  if ('because' in proven) return proven;
  return workloadDraft(workload, {
    remedy,
    patch: restartPatch(context.askedAt),
    effect: `All pods of ${called} are replaced, ${count(workload.blast.restarts, 'pod')}; the new ones pull ${list(images)} at once.`,
    notChecked: proven.notChecked,
  });
}

/** What makes a workload replace its pods though nothing else of them changes, as `kubectl rollout restart` sends it. */
export function restartPatch(at: string): Json {
  return { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': at } } } } };
}
