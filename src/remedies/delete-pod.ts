import type { Remedy } from '../approval/remedy.ts';
import type { KubeObject, ObjectKind } from '../cluster/writing/object-writer.ts';
import { list } from '../text/wording.ts';
import { type DraftContext, type Drafted, drafted, refused } from './draft.ts';
import { nextPullSecrets } from './next-pull-secrets.ts';
import { failingImages, type PodTemplate, podFields, workloadFields } from './object-shape.ts';
import { proveImages } from './prove-images.ts';
import { RISK_OF } from './remedy-risk.ts';

/** What makes a pod again that was deleted. */
const MAKERS = ['ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController', 'Job'] as const satisfies readonly ObjectKind[];

/**
 * Ends a pod's wait for the next attempt, once nothing stands in its way any more. Refused where nothing would make the pod again, and where the
 * one that is made would fail as this one does.
 */
export async function draftDeletePod(
  remedy: Extract<Remedy, { readonly id: 'delete-pod' }>,
  { objects, provePull, hash }: DraftContext,
): Promise<Drafted> {
  const { namespace, pod: name } = remedy;
  const called = `Pod ${namespace}/${name}`;
  const pod = await objects.read({ kind: 'Pod', namespace, name });
  if (pod.metadata.deletionTimestamp) return refused(`${called} is being deleted already.`);
  const owner = ownerOf(pod);
  if (owner === undefined) return refused(`Nothing would make ${called} again: it has no owner. Delete it by hand if it may go.`);
  const kind = MAKERS.find((one) => one === owner.kind);
  if (kind === undefined)
    return refused(`${called} belongs to ${owner.kind} ${owner.name}, and whether that makes it again is not known here.`);
  const maker = await objects.read({ kind, namespace, name: owner.name });
  if (maker.metadata.uid !== owner.uid) return refused(`${kind} ${owner.name}, which made ${called}, is gone.`);
  const fields = podFields(pod);
  const failing = failingImages(fields);
  if (failing.length === 0) return refused(`${called} no longer fails for an image.`);
  // What the next pod asks for is the template's word: it may have been mended since this pod was made.
  const template = workloadFields(maker).spec.template.spec;
  const images = [...new Set(failing.map(({ container, image }) => imageIn(template, container) ?? image))];
  const pullSecrets = await nextPullSecrets(template, { namespace, objects });
  const asked = { namespace, pullSecrets, node: fields.spec.nodeName };
  const proven = await proveImages(images, asked, { provePull, otherwise: 'A new pod would fail as this one does.' });
  if ('because' in proven) return proven;
  return {
    status: 'drafted',
    draft: {
      remedy,
      objects: [drafted('Pod', pod, hash), drafted(kind, maker, hash)],
      changes: [{ verb: 'delete', object: 0 }],
      blast: { restarts: 1, disruptionBudgets: [] },
      risk: RISK_OF[remedy.id],
      effect: `${called} is deleted. ${kind} ${owner.name} makes another one, which pulls ${list(images)} at once.`,
      notChecked: [...new Set([...proven.notChecked, 'What emptyDir volumes of the pod hold is lost with it.'])],
      watched: { kind: 'owner', namespace, uid: owner.uid },
    },
  };
}

function imageIn({ containers, initContainers = [] }: PodTemplate['spec'], container: string): string | undefined {
  return [...initContainers, ...containers].find(({ name }) => name === container)?.image;
}

function ownerOf({ metadata: { ownerReferences = [] } }: KubeObject) {
  return ownerReferences.find(({ controller }) => controller);
}
