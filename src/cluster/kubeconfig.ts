import { KubeConfig } from '@kubernetes/client-node';
import { CodedError, fileProblem } from '../errors.ts';
import { sentence } from '../text/wording.ts';
import { addTokenFiles } from './token-files.ts';

/** How to reach the cluster. Without a file the usual places are tried: KUBECONFIG, ~/.kube/config, the pod's service account. */
export interface KubernetesAccess {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** On whose behalf to ask (`--as`, `--as-group`); the API server checks that this is allowed. */
  readonly impersonate?: Impersonation | undefined;
  /** Longest wait for one answer of the API server; 10 s if not given. */
  readonly requestTimeoutMs?: number | undefined;
  /** What errors call the cluster; then none of them holds the address of its API server. */
  readonly called?: string | undefined;
}

/** Another user to act as, with groups. */
export interface Impersonation {
  readonly user: string;
  readonly groups: readonly string[];
}

/** Reads kubeconfig or the in-cluster account; throws `cluster/no-kubeconfig` or `cluster/unknown-context`. */
export async function loadKubeConfig(access: KubernetesAccess): Promise<KubeConfig> {
  const config = readKubeConfig(access);
  await addTokenFiles(config, access.kubeconfig).catch((cause: unknown) => {
    throw unreadable(access, cause);
  });
  const placeholder = isPlaceholder(config);
  if (access.context !== undefined && !placeholder) {
    const known = config.getContexts().map((context) => context.name);
    if (!known.includes(access.context)) {
      throw new CodedError(
        'cluster/unknown-context',
        `There is no context "${access.context}" in the kubeconfig. Known: ${known.join(', ') || 'none'}.`,
      );
    }
    config.setCurrentContext(access.context);
  }
  if (placeholder || !config.getCurrentCluster()) {
    throw new CodedError(
      'cluster/no-kubeconfig',
      'No cluster to ask: there is no kubeconfig with a current context and this is not a pod. Set KUBECONFIG, or pass --kubeconfig and --context.',
    );
  }
  return config;
}

/** Names of the contexts of the kubeconfig. Throws `cluster/no-kubeconfig` where it cannot be read. */
export function contextsOf(access: KubernetesAccess): readonly string[] {
  const config = readKubeConfig(access);
  return isPlaceholder(config) ? [] : config.getContexts().map(({ name }) => name);
}

function readKubeConfig(access: KubernetesAccess): KubeConfig {
  const config = new KubeConfig();
  try {
    if (access.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(access.kubeconfig);
  } catch (cause) {
    throw unreadable(access, cause);
  }
  return config;
}

function unreadable(access: KubernetesAccess, cause: unknown): CodedError {
  const where = access.kubeconfig ?? process.env['KUBECONFIG'] ?? '~/.kube/config';
  const why = fileProblem(cause).split('\n', 1)[0] ?? '';
  return new CodedError('cluster/no-kubeconfig', sentence(`Cannot read the kubeconfig ${where}: ${why}`), { cause });
}

/** The client makes up a cluster where it finds nothing. */
function isPlaceholder(config: KubeConfig): boolean {
  return config.getCurrentContext() === 'loaded-context' && config.getCurrentCluster()?.server === 'http://localhost:8080';
}

/** The namespace that commands are about where none is named: the context's, or that of the pod this runs in. */
export function defaultNamespace(config: KubeConfig): string {
  return config.getContextObject(config.getCurrentContext())?.namespace || 'default';
}
