/**
 * What is kept beside an incident as sets of names: `pod`, `workload`, `node` and `namespace` are what it has touched so far, `failing`
 * the pods that could not pull when they were last seen, `pulled` those of them that were seen to have their image since.
 */
export const MEMBER_KINDS = ['pod', 'workload', 'node', 'namespace', 'failing', 'pulled'] as const;
export type MemberKind = (typeof MEMBER_KINDS)[number];

/** A pod that belongs to an incident, with what it brings along. */
export interface MemberPod {
  readonly namespace: string;
  readonly pod: string;
  /** A recreated pod is another one. */
  readonly uid: string;
  /** `Deployment/web`. */
  readonly workload: string;
  /** Empty for a pod without a node. */
  readonly node: string;
  /** What waits for its image; empty where that is not known. */
  readonly container: string;
}

/** How many of each kind belong to an incident. */
export type MemberCounts = Readonly<Record<MemberKind, number>>;

/** Counts of all kinds, from the count of each. */
export function memberCounts(of: (kind: MemberKind) => number): MemberCounts {
  return {
    pod: of('pod'),
    workload: of('workload'),
    node: of('node'),
    namespace: of('namespace'),
    failing: of('failing'),
    pulled: of('pulled'),
  };
}

/** The names by which members of each kind are told apart; nobody has pulled when it is added. */
export function memberNames(pods: readonly MemberPod[]): Readonly<Record<MemberKind, readonly string[]>> {
  const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)];
  return {
    pod: distinct(pods.map(podName)),
    workload: distinct(pods.map(({ namespace, workload }) => `${namespace}/${workload}`)),
    node: distinct(pods.flatMap(({ node }) => (node === '' ? [] : [node]))),
    namespace: distinct(pods.map(({ namespace }) => namespace)),
    failing: distinct(pods.map(failingName)),
    pulled: [],
  };
}

/** `shop/web-0`. */
export function podName({ namespace, pod }: Pick<MemberPod, 'namespace' | 'pod'>): string {
  return `${namespace}/${pod}`;
}

/** A failing pod as the name of a set; no name of Kubernetes holds a space. */
export function failingName({ namespace, pod, uid, workload, node, container }: MemberPod): string {
  return [`${namespace}/${pod}`, uid, workload, node, container].join(' ');
}

/** The pod that a name of failing ones stands for. */
export function failingPod(name: string): MemberPod {
  const [where = '', uid = '', workload = '', node = '', container = ''] = name.split(' ');
  const slash = where.indexOf('/');
  return { namespace: where.slice(0, slash), pod: where.slice(slash + 1), uid, workload, node, container };
}
