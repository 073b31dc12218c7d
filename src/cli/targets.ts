import { findPods, type OpenedCluster, type PodSearch } from '../app/app.ts';
import { CodedError } from '../errors.ts';
import { parseLabelSelector } from '../facts/kubernetes/label-selector.ts';
import type { Selection } from '../report/report.ts';
import { shortened } from '../text/wording.ts';
import { checkNamespace, parseTargetName, type TargetName } from './target-name.ts';

/** What the command line asks for, before a cluster is asked. */
export type Search =
  | { readonly by: 'name'; readonly target: TargetName }
  | { readonly by: 'labels'; readonly labels: string; readonly namespace: string | undefined };

/** The pods to diagnose. `selection` is null where the pod itself was named. */
export interface Targets {
  readonly pods: readonly { readonly namespace: string; readonly pod: string }[];
  readonly selection: Selection | null;
}

/** Reads name and options. Throws `usage/…` for what names nothing, or names it twice. */
export function searchFor(name: string | undefined, options: { readonly namespace?: string; readonly selector?: string }): Search {
  const { namespace, selector } = options;
  if (selector === undefined) {
    if (name === undefined)
      throw new CodedError('usage/no-target', 'Name a pod or a workload, for example shop/web-0 or deploy/web, or choose pods with -l.');
    return { by: 'name', target: parseTargetName(name, namespace) };
  }
  if (name !== undefined) throw new CodedError('usage/two-targets', 'Name a pod or a workload, or choose pods with -l, not both.');
  if (namespace !== undefined) checkNamespace(namespace);
  if (parseLabelSelector(selector) === undefined)
    throw new CodedError(
      'usage/selector',
      `"${shortened(selector)}" is no label selector. Write it as for kubectl get, for example -l app=web,tier!=cache.`,
    );
  return { by: 'labels', labels: selector, namespace };
}

/** Finds the pods that are meant. Throws what findPods throws. */
export async function findTargets({ cluster, namespace: byDefault }: OpenedCluster, search: Search): Promise<Targets> {
  if (search.by === 'labels') {
    const { labels, namespace = byDefault } = search;
    return targetsOf(cluster, { by: 'labels', labels, namespace });
  }
  const { kind, name, namespace = byDefault } = search.target;
  if (kind === 'Pod') return { pods: [{ namespace, pod: name }], selection: null };
  return targetsOf(cluster, { by: 'controller', kind, name, namespace });
}

async function targetsOf(cluster: OpenedCluster['cluster'], search: PodSearch): Promise<Targets> {
  const { pods, ...selection } = await findPods(cluster, search);
  return { pods, selection };
}
