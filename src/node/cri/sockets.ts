import { existsSync } from 'node:fs';
import { CodedError } from '../../errors.ts';
import { createCriRuntime } from './cri-runtime.ts';
import type { ContainerRuntime } from './runtime.ts';

/** Where runtimes listen, the usual ones first. The kubelet's `containerRuntimeEndpoint` is the authority; these are tried where it is not known. */
const KNOWN_SOCKETS: readonly string[] = [
  '/run/containerd/containerd.sock',
  '/run/k3s/containerd/containerd.sock', // k3s and RKE2
  '/var/snap/microk8s/common/run/containerd.sock',
  '/run/k0s/containerd.sock',
  '/run/crio/crio.sock',
  '/var/run/crio/crio.sock',
  '/run/cri-dockerd.sock',
  '/run/dockershim.sock', // containerd on older Bottlerocket
];

/** The path in an endpoint as the kubelet writes it, `unix:///run/crio/crio.sock`. Throws `usage/node`. */
export function socketPath(endpoint: string): string {
  const path = endpoint.replace(/^unix:\/\/(?=\/)|^unix:(?=\/)/, '');
  if (path.startsWith('/')) return path;
  throw new CodedError('usage/node', 'Pass --socket as a path, or as unix:// and a path.');
}

/**
 * The runtime behind the socket that is named, else behind the first known one that answers; what others said is in the error. A socket that is
 * there but does not answer may be left from an earlier runtime.
 */
export async function openRuntime(endpoint: string | undefined, known: readonly string[] = KNOWN_SOCKETS): Promise<ContainerRuntime> {
  if (endpoint !== undefined) return createCriRuntime(socketPath(endpoint));
  const problems: string[] = [];
  for (const socket of known.filter((path) => existsSync(path))) {
    const runtime = createCriRuntime(socket);
    try {
      await runtime.version();
      return runtime;
    } catch (cause) {
      runtime.close();
      if (!(cause instanceof CodedError)) throw cause;
      problems.push(cause.message);
    }
  }
  const said = problems.length > 0 ? problems.join(' ') : 'None of the usual sockets exists.';
  throw new CodedError('node/unreachable', `${said} Name the runtime's socket with --socket.`);
}
