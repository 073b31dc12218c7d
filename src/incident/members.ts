/** What an incident is counted by. */
export const MEMBER_KINDS = ['pod', 'workload', 'node', 'namespace'] as const;
export type MemberKind = (typeof MEMBER_KINDS)[number];

/** A pod that belongs to an incident, with what it brings along. */
export interface MemberPod {
  readonly namespace: string;
  readonly pod: string;
  /** `Deployment/web`. */
  readonly workload: string;
  /** Empty for a pod without a node. */
  readonly node: string;
}

/** How many of each kind belong to an incident. */
export type MemberCounts = Readonly<Record<MemberKind, number>>;

/** The names by which members of each kind are told apart. */
export function memberNames(pods: readonly MemberPod[]): Readonly<Record<MemberKind, readonly string[]>> {
  const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)];
  return {
    pod: distinct(pods.map(({ namespace, pod }) => `${namespace}/${pod}`)),
    workload: distinct(pods.map(({ namespace, workload }) => `${namespace}/${workload}`)),
    node: distinct(pods.flatMap(({ node }) => (node === '' ? [] : [node]))),
    namespace: distinct(pods.map(({ namespace }) => namespace)),
  };
}
