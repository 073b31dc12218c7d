import { imagesOf, workloadLabel, workloadOf } from '../diagnosis/pod/pod.ts';
import type { Pod } from '../facts/kubernetes/kubernetes-object.ts';
import type { Change } from '../incident/incident.ts';
import type { MemberPod } from '../incident/members.ts';

/** Whether a pod that could not pull has its image by now; `failing` as long as that was not seen. */
export function conditionOf(pod: Pod, container: string): 'failing' | 'pulled' {
  const images = imagesOf(pod).filter(({ kind }) => kind !== 'image volume');
  const own = images.find(({ name }) => name === container);
  // Of a volume's image nobody says that it is there: its pod's containers do, by starting.
  const waited = own ? [own] : images;
  return waited.length > 0 && waited.every(({ state }) => state.status === 'present') ? 'pulled' : 'failing';
}

/** The pods of a member's workload that are there now, without those that are going; none for a pod that nothing owns. */
export function siblingsOf({ namespace, workload }: Pick<MemberPod, 'namespace' | 'workload'>, pods: readonly Pod[]): readonly Pod[] {
  return pods.filter(
    (pod) =>
      pod.metadata.namespace === namespace && !pod.metadata.deletionTimestamp && workloadOf(pod) && workloadLabelOf(pod) === workload,
  );
}

/** A pod as the member that it is in the place of another one of its workload. */
export function replacementOf(pod: Pod, { container, workload }: Pick<MemberPod, 'container' | 'workload'>): MemberPod {
  const { namespace, name, uid } = pod.metadata;
  return { namespace, pod: name, uid, workload, node: pod.spec.nodeName ?? '', container };
}

/** What was seen to have changed: nothing where nothing was, and never that it was the reason. */
export function changesOf(seen: {
  /** A pod that failed last, and what it could not pull; empty where that is not known. */
  readonly member: MemberPod;
  readonly image: string;
  /** False where that very pod has pulled. */
  readonly isGone: boolean;
  /** The pods of its namespace. */
  readonly pods: readonly Pod[];
  /** Nodes on which pods failed. */
  readonly nodes: readonly string[];
}): readonly Change[] {
  const { member, image } = seen;
  const siblings = siblingsOf(member, seen.pods);
  const workload = nameOf(member);
  const asked = siblings.flatMap((pod) => imagesOf(pod).filter(({ name }) => name === member.container));
  const other = asked.find((candidate) => candidate.image !== image)?.image;
  if (image !== '' && other !== undefined && asked.every((candidate) => candidate.image === other))
    return [{ what: 'image', workload, image: other }];
  if (!seen.isGone || siblings.length === 0) return [];
  const nodes = [...new Set(siblings.flatMap((pod) => pod.spec.nodeName || []))].sort();
  const isElsewhere = nodes.length > 0 && seen.nodes.length > 0 && nodes.every((node) => !seen.nodes.includes(node));
  return isElsewhere ? [{ what: 'nodes', workload, nodes: nodes.slice(0, MAX_NODES) }] : [{ what: 'replaced', workload }];
}

const MAX_NODES = 10;

/** `Deployment shop/web`. */
function nameOf({ namespace, workload }: MemberPod): string {
  const slash = workload.indexOf('/');
  return `${workload.slice(0, slash)} ${namespace}/${workload.slice(slash + 1)}`;
}

function workloadLabelOf(pod: Pod): string {
  return workloadLabel(workloadOf(pod), pod.metadata.name);
}
