import { randomUUID } from 'node:crypto';
import type { Chat } from '../chat/chat.ts';
import type { OnAnswer } from '../cluster/api-client.ts';
import type { ClusterReader, KubeletAccess } from '../cluster/cluster.ts';
import type { KubernetesAccess } from '../cluster/kubeconfig.ts';
import type { KubernetesCluster } from '../cluster/kubernetes-cluster.ts';
import type { RightsHolder } from '../cluster/sent-requests.ts';
import { createPullErrorClassifier } from '../diagnosis/message/pull-error.ts';
import { remembering } from '../diagnosis/message/remembering.ts';
import { createEngine } from '../engine/engine.ts';
import { CodedError } from '../errors.ts';
import { InlineQueue } from '../queue/inline-queue.ts';
import type { RegistryEgress } from '../registry/egress.ts';
import type { ScanReport } from '../report/formats/scan-report.ts';
import { SCHEMA_VERSION } from '../report/report.ts';
import type { Run } from '../runbook/run.ts';
import { type Runbook, withNeeds } from '../runbook/runbook.ts';
import { scanCluster } from '../scan/scan-cluster.ts';
import { PROBES } from '../steps/index.ts';
import type { Sources } from '../steps/step.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { SILENT } from '../telemetry/log.ts';
import { loadCauses, loadPullErrorRules, loadRunbook } from './runbooks.ts';

/** A cluster, and the namespace that is meant where none is named. */
export interface OpenedCluster {
  readonly cluster: ClusterReader;
  readonly namespace: string;
}

/** A reader of the cluster that kubeconfig, context or the in-cluster account lead to. Throws `cluster/no-kubeconfig`, `cluster/unknown-context`. */
export async function openCluster(access: KubernetesAccess): Promise<OpenedCluster> {
  const { cluster, namespace } = await connect(access);
  return { cluster, namespace };
}

/** Names of the contexts of the kubeconfig. Throws `cluster/no-kubeconfig`. */
export async function listContexts(access: KubernetesAccess): Promise<readonly string[]> {
  return (await import('../cluster/kubeconfig.ts')).contextsOf(access);
}

/** How a diagnosis may look around, beyond what the cluster lets it. */
export interface SourceOptions extends KubernetesAccess, RegistryEgress {
  readonly kubelet: KubeletAccess;
  /** Base URL of a Prometheus; needed for kubelet access `prometheus`. */
  readonly prometheus?: string | undefined;
  /** Accepts kubelets' serving certificates that the cluster's authority did not sign. */
  readonly kubeletAnyCertificate?: boolean | undefined;
  /** True where other processes perform steps of a run that began here; then nothing is asked for ahead of them. */
  readonly shared?: boolean | undefined;
  /** Hears of every request to the API server. */
  readonly onAnswer?: OnAnswer | undefined;
  /** Whose roles have to be enough for all that is asked; undefined for a person's own rights. */
  readonly holder?: RightsHolder | undefined;
}

/** Everything a diagnosis asks, in the real world; `direct` is the cluster without a memory of what was asked a moment ago. Throws what openCluster throws, `usage/no-prometheus` and `usage/direct-as`. */
export async function openSources(options: SourceOptions): Promise<Sources & OpenedCluster & { readonly direct: KubernetesCluster }> {
  const [{ cluster, direct, namespace, kubelet }, { createOciRegistry }, { egressOf }, { createSocketProber }] = await Promise.all([
    connect(options),
    import('../registry/oci-registry.ts'),
    import('../registry/egress.ts'),
    import('../network/socket-prober.ts'),
  ]);
  const { allowLoopback, privateNetworks, allowPrivate, tokenServers } = options;
  const egress = { allowLoopback, privateNetworks, allowPrivate, tokenServers };
  return {
    cluster,
    direct,
    namespace,
    kubelet: await kubelet(options),
    registry: createOciRegistry(egress),
    prober: createSocketProber(egressOf(egress)),
    vantage: 'bot',
  };
}

/** Loaded on demand: the Kubernetes client is by far the largest part of the program, and a replay needs none of it. */
async function connect(access: KubernetesAccess & Pick<SourceOptions, 'shared' | 'onAnswer' | 'holder'>) {
  const { defaultNamespace, loadKubeConfig } = await import('../cluster/kubeconfig.ts');
  const { createKubernetesCluster } = await import('../cluster/kubernetes-cluster.ts');
  const { rememberReads } = await import('../cluster/remembering-cluster.ts');
  const config = await loadKubeConfig(access);
  const direct = createKubernetesCluster(config, { ...access, reload: () => loadKubeConfig(access) });
  const cluster = rememberReads(direct, Date.now, { ahead: access.shared !== true });

  async function kubelet(options: SourceOptions) {
    switch (options.kubelet) {
      case 'off':
        return (await import('../cluster/kubelet/no-kubelet.ts')).createNoKubelet();
      case 'direct':
        if (access.impersonate)
          throw new CodedError(
            'usage/direct-as',
            'A kubelet that is asked directly knows nothing of --as and would be asked with your own rights. Use another --kubelet, or leave --as out.',
          );
        return (await import('../cluster/kubelet/kubelet-client.ts')).createDirectKubelet(config, {
          acceptAnyCertificate: options.kubeletAnyCertificate ?? false,
          holder: options.holder,
        });
      case 'apiserver-proxy':
        return (await import('../cluster/kubelet/kubelet-client.ts')).createProxiedKubelet(cluster.readText);
      case 'prometheus': {
        if (options.prometheus === undefined)
          throw new CodedError('usage/no-prometheus', '--kubelet prometheus needs --prometheus URL, the address of a Prometheus server.');
        return (await import('../cluster/kubelet/prometheus-kubelet.ts')).createPrometheusKubelet({ url: options.prometheus });
      }
      default:
        return options.kubelet satisfies never;
    }
  }

  return { cluster, direct, kubelet, namespace: defaultNamespace(config) };
}

/** Which parts of a diagnosis are wanted; all of them unless something says otherwise. */
export interface Wanted {
  /** False: no registry is contacted. */
  readonly registry?: boolean;
  /** False: no secret is read. */
  readonly secrets?: boolean;
  /** Id of the only step to run, with those it needs. */
  readonly only?: string | undefined;
}

/** Runs one diagnosis to its end in this process: inline queue, memory store. Throws what findTarget throws, and `usage/unknown-step`. */
export async function diagnose(request: {
  readonly sources: Sources;
  readonly namespace: string;
  readonly pod: string;
  readonly wanted?: Wanted;
  readonly chat: Chat;
  readonly now: () => Date;
}): Promise<Run> {
  const { sources, namespace, pod, wanted = {} } = request;
  const known = knowledge();
  const store = new MemoryStore();
  const queue = new InlineQueue();
  const cluster = sources.cluster.name;
  const engine = createEngine({
    ...known,
    clusters: { [cluster]: { sources, unwanted: unwantedSteps(known.runbook, wanted), mayReadSecrets: wanted.secrets !== false } },
    store,
    queue,
    chat: request.chat,
    paceMs: 0,
    log: SILENT,
    now: request.now,
  });
  const id = randomUUID();
  const at = request.now().toISOString();
  await engine.begin({
    id,
    revision: 0,
    askedAt: at,
    trigger: { kind: 'cli' },
    place: { channel: 'terminal' },
    audience: { kind: 'everyone' },
    cluster,
    namespace,
    pod,
    state: { status: 'accepted' },
    awaitedUntil: at,
    seen: 'answer',
  });
  await queue.drain(engine.perform);
  return store.runs.read(id);
}

/** Throws `usage/unknown-step` for a step that there is not, before anything is asked. */
export function checkWanted(wanted: Wanted): void {
  unwantedSteps(loadRunbook(), wanted);
}

/** What the program knows: runbook, causes, rules and probes. */
export function knowledge() {
  return {
    runbook: loadRunbook(),
    catalogue: loadCauses(),
    classify: remembering(createPullErrorClassifier(loadPullErrorRules())),
    probes: PROBES,
  };
}

/** The probes that send something to a registry. */
const ASKS_REGISTRY: ReadonlySet<string> = new Set(['resolve-manifest', 'probe-endpoint']);

/** The steps to leave out, each with the reason people are told. */
export function unwantedSteps(runbook: Runbook, wanted: Wanted, noRegistry = '--no-registry was given'): Readonly<Record<string, string>> {
  const { only } = wanted;
  const ids = runbook.steps.map((step) => step.id);
  if (only !== undefined && !ids.includes(only))
    throw new CodedError('usage/unknown-step', `There is no step "${only}". The steps are: ${ids.join(', ')}.`);
  const kept = only === undefined ? new Set(ids) : withNeeds(runbook, only);
  return Object.fromEntries(
    runbook.steps.flatMap(({ id, uses }): [string, string][] => {
      if (!kept.has(id)) return [[id, `Left out: --only ${only} was given.`]];
      if (wanted.registry === false && ASKS_REGISTRY.has(uses)) return [[id, `Left out: ${noRegistry}.`]];
      return [];
    }),
  );
}

export { createTerminalChat } from '../chat/terminal-chat.ts';
export type { KubernetesAccess } from '../cluster/kubeconfig.ts';
export { findPods, type PodSearch } from '../intake/find-pods.ts';
export { createRecordedSources } from '../recording/recorded-world.ts';
export { createRecorder } from '../recording/recorder.ts';
export type { TokenServers } from '../registry/auth/token-server.ts';
export type { Sources } from '../steps/step.ts';

/** Looks at every pod of a namespace or of the cluster. Throws what the cluster throws. */
export async function scan(request: {
  readonly cluster: ClusterReader;
  readonly namespace?: string;
  readonly now: Date;
}): Promise<ScanReport> {
  const { cluster, namespace, now } = request;
  const parts = { cluster, catalogue: loadCauses(), classify: remembering(createPullErrorClassifier(loadPullErrorRules())), now };
  return {
    schemaVersion: SCHEMA_VERSION,
    ...(await scanCluster(parts, namespace)),
    requests: { kubernetes: cluster.requests(), registry: 0 },
  };
}
export type { Run } from '../runbook/run.ts';
