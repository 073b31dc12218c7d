import type { RequestedRight } from '../requested-right.ts';

/** Parts of a kubelet's API that have a right of their own. */
const PARTS = { metrics: 'metrics', stats: 'stats', logs: 'log', configz: 'configz' } as const;

/**
 * The right that a kubelet asks the API server about before it answers a GET; before Kubernetes 1.33 it asked for nodes/proxy in place of nodes/configz.
 * https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
 */
export function kubeletRight(path: string, node: string): RequestedRight {
  const [part = ''] = path.split('/').filter((one) => one !== '');
  const subresource = Object.hasOwn(PARTS, part) ? PARTS[part as keyof typeof PARTS] : 'proxy';
  return { kind: 'resource', verb: 'get', group: '', resource: 'nodes', subresource, name: node };
}
