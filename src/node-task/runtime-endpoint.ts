import type { ClusterReader, KubeletReader } from '../cluster/cluster.ts';
import { CodedError } from '../errors.ts';

/** The runtime's socket as a node's kubelet has it; undefined where that may not be asked, and then the usual ones are tried. */
export async function runtimeEndpoint(
  node: string,
  { cluster, kubelet }: { readonly cluster: Pick<ClusterReader, 'readNode'>; readonly kubelet: Pick<KubeletReader, 'readConfiguration'> },
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await kubelet.readConfiguration(await cluster.readNode(node, signal), signal)).containerRuntimeEndpoint ?? undefined;
  } catch (cause) {
    if (cause instanceof CodedError) return undefined;
    throw cause;
  }
}
