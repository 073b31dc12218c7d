import { Agent as HttpAgent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { CodedError, fileProblem } from '../errors.ts';
import { Controller, Event, Node, Owner, Pod, Secret, ServiceAccount } from '../facts/kubernetes-object.ts';
import { withShortMessages } from '../facts/short-messages.ts';
import { type GetAnswer, type GetOptions, sendGet } from '../network/http-get.ts';
import { sentence } from '../text/wording.ts';
import { type ClusterReader, type ControllerKind, type PodPage, PULL_ENDS } from './cluster.ts';
import { type Credentials, createCredentials } from './credentials.ts';
import { withoutAddress } from './hidden-address.ts';
import { apiError, unreachable } from './kubernetes-error.ts';
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

const REQUEST_TIMEOUT_MS = 10_000;
const MAX_ATTEMPTS = 3;
/** A server that asks for more than this is answered with an error instead of a wait. */
const MAX_RETRY_AFTER_MS = 5_000;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

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

/** How a path of the API server is read as text. */
export interface TextOptions {
  readonly signal?: AbortSignal;
  readonly maxBytes: number;
  readonly accept: string;
  readonly overflow?: 'refuse' | 'keep-end';
  /** What an answer that is no success means, for paths that somebody behind the API server answers; undefined leaves it to the API server's own rules. */
  readonly refusal?: (answer: GetAnswer) => CodedError | undefined;
}

/** Reads a path of the API server as text; `maxBytes` caps the answer. Throws what ClusterReader throws. */
export type ReadText = (path: string, query: readonly (readonly [name: string, value: string])[], options: TextOptions) => Promise<string>;

/** A ClusterReader, and the same connection for paths whose answer is text: a node's proxy. */
export interface KubernetesCluster extends ClusterReader {
  readonly readText: ReadText;
}

/**
 * A ClusterReader over the Kubernetes API. Sends GET only, with a timeout, paging and the server's own Retry-After. `reload` reads the
 * kubeconfig anew.
 */
export function createKubernetesCluster(
  config: KubeConfig,
  how: Pick<KubernetesAccess, 'impersonate' | 'requestTimeoutMs' | 'called'> & { readonly reload?: () => Promise<KubeConfig> } = {},
): KubernetesCluster {
  const server = config.getCurrentCluster()?.server ?? '';
  const credentials = server.startsWith('http:') ? NOBODY : createCredentials(config, how.reload);
  const name = how.called === undefined ? server : `of ${how.called}`;
  const shown = (error: CodedError) => (how.called === undefined ? error : withoutAddress(error, server));
  let requests = 0;

  async function get<T>(path: string, query: Record<string, string | undefined>, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
    const body = await readText(path, given, { maxBytes: MAX_BODY_BYTES, accept: 'application/json', ...(signal ? { signal } : {}) });
    return parse(body, schema, path);
  }

  async function readText(...[path, query, options]: Parameters<ReadText>): Promise<string> {
    const url = new URL(server.replace(/\/+$/, '') + path);
    for (const [key, value] of query) url.searchParams.append(key, value);
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(url, { timeoutMs: how.requestTimeoutMs ?? REQUEST_TIMEOUT_MS, ...options });
      if (answer.status === 200) return answer.body;
      const error = options.refusal?.(answer) ?? shown(apiError(answer, { path, server: name }));
      const waitMs = (answer.retryAfterSeconds ?? 2 ** (attempt - 1) / 2) * 1000;
      if (!error.retryable || attempt === MAX_ATTEMPTS || waitMs > MAX_RETRY_AFTER_MS) throw error;
      await sleep(waitMs, undefined, options.signal ? { signal: options.signal } : {});
    }
  }

  /** One question; once more with other credentials where the server does not take these. */
  async function ask(url: URL, options: GetOptions): Promise<GetAnswer> {
    const failed = (stage: 'credentials' | 'connection') => (cause: unknown) => {
      throw shown(unreachable(name, cause, stage));
    };
    const send = (base: RequestOptions) => {
      requests += 1;
      const headers = { ...base.headers, ...impersonation(how.impersonate) };
      return sendGet(url, { ...base, headers }, options).catch(failed('connection'));
    };
    const base = await credentials.forRequest().catch(failed('credentials'));
    const answer = await send(base);
    const other = answer.status === 401 ? await credentials.insteadOf(base).catch(failed('credentials')) : undefined;
    return other ? send(other) : answer;
  }

  const PodList = listOf(Pod);
  const EventList = listOf(Event);
  const OwnerList = listOf(Owner);
  const NamespaceList = listOf(z.object({ metadata: z.object({ name: z.string() }) }));
  const inNamespace = (namespace: string | undefined) => (namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`);

  async function listEvents(namespace: string | undefined, about: readonly string[], limit: number, signal?: AbortSignal) {
    const query = { fieldSelector: ['involvedObject.kind=Pod', ...about].join(','), limit: String(limit) };
    return (await get(`/api/v1${inNamespace(namespace)}/events`, query, EventList, signal)).items;
  }

  return {
    name: config.getCurrentContext() || 'in-cluster',
    requests: () => requests,
    readPod: (namespace, name, signal) => get(`/api/v1${inNamespace(namespace)}/pods/${encodeURIComponent(name)}`, {}, Pod, signal),
    readJob: (namespace, name, signal) =>
      get(`/apis/batch/v1${inNamespace(namespace)}/jobs/${encodeURIComponent(name)}`, {}, Owner, signal),
    listJobs: async ({ namespace, limit }, signal) =>
      (await get(`/apis/batch/v1${inNamespace(namespace)}/jobs`, { limit: String(limit) }, OwnerList, signal)).items,
    listPodEvents(pod, signal) {
      const about = [`involvedObject.name=${pod.name}`, ...(pod.uid ? [`involvedObject.uid=${pod.uid}`] : [])];
      return listEvents(pod.namespace, about, 500, signal);
    },
    listEvents: ({ namespace, reason, limit }, signal) => listEvents(namespace, [`reason=${reason}`], limit, signal),
    async listPullEnds(limit, signal) {
      const others = OTHER_REASONS.map((reason) => `reason!=${reason}`);
      const events = await listEvents(undefined, ['source=kubelet', ...others], limit, signal);
      return { events: events.filter(({ reason }) => PULL_ENDS.has(reason ?? '')), complete: events.length < limit };
    },
    async readController(kind, namespace, name, signal) {
      const [group, resource] = CONTROLLERS[kind];
      const controller = await get(`${group}${inNamespace(namespace)}/${resource}/${encodeURIComponent(name)}`, {}, Controller, signal);
      return { ...controller, kind };
    },
    async listNamespaces(limit, signal) {
      const { items } = await get('/api/v1/namespaces', { limit: String(limit) }, NamespaceList, signal);
      return items.map(({ metadata }) => metadata.name);
    },
    readServiceAccount: (namespace, name, signal) =>
      get(`/api/v1${inNamespace(namespace)}/serviceaccounts/${encodeURIComponent(name)}`, {}, ServiceAccount, signal),
    readSecret: (namespace, name, signal) =>
      get(`/api/v1${inNamespace(namespace)}/secrets/${encodeURIComponent(name)}`, {}, Secret, signal),
    readNode: (name, signal) => get(`/api/v1/nodes/${encodeURIComponent(name)}`, {}, Node, signal),
    readText,
    async listPods(selection, signal) {
      const fields = [
        ...(selection.node === undefined ? [] : [`spec.nodeName=${selection.node}`]),
        ...(selection.phase === undefined ? [] : [`status.phase=${selection.phase}`]),
      ];
      const query = {
        limit: String(selection.limit),
        continue: selection.continueFrom,
        fieldSelector: fields.length > 0 ? fields.join(',') : undefined,
        labelSelector: selection.labels,
      };
      const { pods, ...rest } = page(await get(`/api/v1${inNamespace(selection.namespace)}/pods`, query, PodList, signal));
      return { ...rest, pods: pods.map(withShortMessages) };
    },
  };
}

/** Nothing secret is sent over plain HTTP, as to `kubectl proxy`. */
const PLAIN = new HttpAgent({ keepAlive: true });
const NOBODY: Credentials = { forRequest: async () => ({ agent: PLAIN }), insteadOf: async () => undefined };

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function impersonation(as: Impersonation | undefined): Record<string, string | readonly string[]> {
  if (!as) return {};
  return { 'Impersonate-User': as.user, ...(as.groups.length > 0 ? { 'Impersonate-Group': as.groups } : {}) };
}

/** API group and resource of each kind. */
const CONTROLLERS: Readonly<Record<ControllerKind, readonly [group: string, resource: string]>> = {
  Deployment: ['/apis/apps/v1', 'deployments'],
  StatefulSet: ['/apis/apps/v1', 'statefulsets'],
  DaemonSet: ['/apis/apps/v1', 'daemonsets'],
  ReplicaSet: ['/apis/apps/v1', 'replicasets'],
  ReplicationController: ['/api/v1', 'replicationcontrollers'],
  Job: ['/apis/batch/v1', 'jobs'],
  CronJob: ['/apis/batch/v1', 'cronjobs'],
};

/** What else a kubelet often says of pods. A field selector can only leave out. */
const OTHER_REASONS = ['Pulling', 'Created', 'Started', 'Killing', 'Unhealthy'];

interface ListAnswer<T> {
  readonly items: readonly T[];
  readonly metadata: { readonly continue?: string | null | undefined; readonly remainingItemCount?: number | null | undefined };
}

function listOf<T>(item: z.ZodType<T>) {
  return z.object({
    items: z
      .array(item)
      .nullish()
      .transform((items) => items ?? []),
    metadata: z.object({ continue: z.string().nullish(), remainingItemCount: z.number().nullish() }).default({}),
  });
}

function page(list: ListAnswer<Pod>): PodPage {
  const { continue: continueFrom, remainingItemCount: remaining } = list.metadata;
  if (!continueFrom) return { pods: list.items };
  return { pods: list.items, more: { continueFrom, ...(remaining == null ? {} : { remaining }) } };
}

function parse<T>(body: string, schema: z.ZodType<T>, path: string): T {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new CodedError(
      'cluster/bad-answer',
      `The API server's answer for ${path} is not JSON; is that address really a Kubernetes API server?`,
      { cause },
    );
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CodedError(
    'cluster/bad-answer',
    sentence(`The API server's answer for ${path} lacks ${issue?.path.join('.') || 'what it should hold'}: ${issue?.message}`),
    { cause: parsed.error },
  );
}
