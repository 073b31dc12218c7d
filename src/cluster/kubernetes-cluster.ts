import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import {
  Controller,
  Event,
  type Marks,
  Namespace,
  Node,
  Owner,
  Pod,
  Secret,
  ServiceAccount,
} from '../facts/kubernetes/kubernetes-object.ts';
import { withShortMessages } from '../facts/short-messages.ts';
import { type Checkable, healthOf } from '../health.ts';
import { type ApiAccess, createApiClient, type ReadText } from './api-client.ts';
import { type ClusterReader, type ControllerKind, type PodPage, PULL_ENDS } from './cluster.ts';
import { type EventWatchParts, watchEvents } from './event-watch.ts';
import { createLease, type LeasePort } from './lease.ts';

/** A ClusterReader, and the same connection for paths whose answer is text: a node's proxy. */
export interface KubernetesCluster extends ClusterReader, Checkable {
  readonly readText: ReadText;
  /** What a namespace says of itself: labels, and those annotations that are read. */
  readNamespace(name: string, signal?: AbortSignal): Promise<Marks>;
  /** Tells of events about pulls that fail until `signal` is aborted; see event-watch.ts. */
  watchEvents(to: Pick<EventWatchParts, 'onEvent' | 'onRestart'>, signal: AbortSignal): Promise<void>;
  /** The Lease of that name. */
  lease(name: { readonly namespace: string; readonly name: string }): LeasePort;
}

const MAX_EVENT_PAGE_BYTES = 64 * 1024 * 1024;

/**
 * A ClusterReader over the Kubernetes API. Sends GET only, but for Leases, with a timeout, paging and the server's own Retry-After. `reload` reads the
 * kubeconfig anew.
 */
export function createKubernetesCluster(config: KubeConfig, how: ApiAccess = {}): KubernetesCluster {
  const { get, readText, stream, leases, requests } = createApiClient(config, how);
  const Version = z.object({ gitVersion: z.string() });
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
    // A service calls its clusters as its configuration does.
    name: how.called ?? (config.getCurrentContext() || 'in-cluster'),
    requests,
    check: (signal) => healthOf(async () => `The API server runs Kubernetes ${(await get('/version', {}, Version, signal)).gitVersion}.`),
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
    async readNamespace(name, signal) {
      const { metadata } = await get(`/api/v1${inNamespace(name)}`, {}, Namespace, signal);
      return { labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} };
    },
    watchEvents: (to, signal) =>
      watchEvents(
        {
          ...to,
          open: stream,
          read: (path, query, limit) =>
            readText(path, Object.entries(query), { maxBytes: MAX_EVENT_PAGE_BYTES, accept: 'application/json', signal: limit }),
        },
        signal,
      ),
    lease: (name) => createLease(leases, name),
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
