import type { ClusterReader } from '../../cluster/cluster.ts';
import { unlessAbsent } from '../../cluster/pod-pages.ts';
import { conditionOf, replacementOf, siblingsOf } from '../../detection/recovery.ts';
import type { Pod } from '../../facts/kubernetes/kubernetes-object.ts';
import type { MemberPod } from '../../incident/members.ts';

/** What became of a pod that could not pull. */
export type Fate =
  | { readonly status: 'failing' }
  | { readonly status: 'pulled' }
  | { readonly status: 'gone' }
  /** Others of its workload took its place, and have no image yet. */
  | { readonly status: 'replaced'; readonly by: readonly MemberPod[] };

/** Most pods of a namespace that are looked through for what took the place of another. */
const PAGE = 500;

/** One look at a cluster: what several incidents ask of a namespace is asked once. */
export interface Look {
  fateOf(member: MemberPod): Promise<Fate>;
  podsOf(namespace: string): Promise<readonly Pod[]>;
}

/** Throws what the cluster throws. */
export function lookAt(cluster: Pick<ClusterReader, 'readPod' | 'listPods'>): Look {
  const lists = new Map<string, Promise<readonly Pod[]>>();

  function podsOf(namespace: string): Promise<readonly Pod[]> {
    const known = lists.get(namespace) ?? cluster.listPods({ namespace, limit: PAGE }).then(({ pods }) => pods);
    lists.set(namespace, known);
    return known;
  }

  return {
    podsOf,
    async fateOf(member) {
      const pod = await unlessAbsent(cluster.readPod(member.namespace, member.pod));
      if (pod?.metadata.uid === member.uid) return { status: conditionOf(pod, member.container) };
      const others = siblingsOf(member, await podsOf(member.namespace));
      const waiting = others.filter((other) => conditionOf(other, member.container) === 'failing');
      if (waiting.length === 0) return { status: 'gone' };
      return { status: 'replaced', by: waiting.map((other) => replacementOf(other, member)) };
    },
  };
}
