/** What failing pods have in common when they share a cause. */
export const REACHES = ['image', 'registry', 'node', 'namespace'] as const;
export type Reach = (typeof REACHES)[number];

/** As far as a cause is unknown, only pods of the same image are counted together. */
export const REACH_OF_UNKNOWN: Reach = 'image';

/** Where something fails. */
export interface Spot {
  readonly namespace: string;
  /** Empty for a pod without a node. */
  readonly node: string;
  readonly image: string;
  /** Registry host of the image; empty for an invalid reference. */
  readonly registry: string;
}

/** What a cause of this reach is about: equal for all that it concerns. The secrets of a namespace are shared, and a login is for one registry. */
export function subjectOf(reach: Reach, { namespace, node, image, registry }: Spot): string {
  switch (reach) {
    case 'image':
      return image;
    case 'registry':
      return registry;
    case 'node':
      return node;
    case 'namespace':
      return `${namespace} ${registry}`;
    default:
      return reach satisfies never;
  }
}
