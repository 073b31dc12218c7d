import { readFile } from 'node:fs/promises';
import { CONTROLLER_KINDS } from '../../src/cluster/cluster.ts';
import type { Accounts } from '../../src/demo/cluster/access/account.ts';
import { type ClusterServer, type ClusterServerOptions, startCluster } from '../../src/demo/cluster/cluster-server.ts';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import type { ObjectStore } from '../../src/demo/cluster/object-store.ts';
import { WrittenObject } from '../../src/demo/cluster/objects.ts';
import type { Recording } from '../../src/recording/recording.ts';
import type { ServerCertificate } from './certificates.ts';
import { type KubeletAnswers, kubeletAnswer } from './kubelet-answers.ts';

/** The stand-in of an API server with what a recording holds. */
export interface ApiServer extends Pick<ClusterServer, 'url' | 'requests' | 'rights' | 'store' | 'stop'> {
  /** A kubeconfig for it, as YAML. */
  readonly kubeconfig: string;
}

type Interceptor = NonNullable<ClusterServerOptions['intercept']>;

/** Starts an API server, with the kubelets behind it. */
export async function startApiServer(
  recording: Recording,
  options: {
    readonly intercept?: Interceptor;
    /** Caps a page of pods below what the client asks for, so that few pods have many pages. */
    readonly pageSize?: number;
    readonly kubelet?: KubeletAnswers;
    /** Clients send a token over TLS only. */
    readonly tls?: ServerCertificate;
    readonly accounts?: Accounts;
  } = {},
): Promise<ApiServer> {
  const { pageSize = Number.POSITIVE_INFINITY } = options;
  const intercept: Interceptor = (request, response) => {
    if (options.intercept?.(request, response)) return true;
    const { url = '/' } = request;
    if (/\/pods\?/.test(url)) request.url = url.replace(/limit=(\d+)/, (_, limit: string) => `limit=${Math.min(Number(limit), pageSize)}`);
    const discovered = DISCOVERY[url.replace(/\?.*/, '')];
    if (discovered) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(discovered));
    const proxied = /\/nodes\/[^/]+\/proxy(\/.*)/.exec(url)?.[1];
    if (proxied === undefined || !options.kubelet) return discovered !== undefined;
    const { status, type, body } = kubeletAnswer(request, proxied, options.kubelet);
    response.writeHead(status, { 'content-type': type }).end(body);
    return true;
  };
  const { tls, accounts } = options;
  const secured = tls ? { tls: { cert: await readFile(tls.certificate, 'utf8'), key: await readFile(tls.key, 'utf8') } } : {};
  const { url, requests, rights, store, stop } = await startCluster({ ...secured, ...(accounts ? { accounts } : {}), intercept });
  fill(store, recording);
  return { url, requests, rights, store, stop, kubeconfig: kubeconfigFor(url) };
}

/** Stores what a recording holds, under the names that it has. */
function fill(store: ObjectStore, recording: Recording): void {
  const put = (kind: string, objects: readonly object[] = []) => {
    for (const object of objects) store.put({ ...WrittenObject.parse(object), kind });
  };
  const pods = [...recording.pods, recording.podObject];
  put(
    'Namespace',
    [...new Set(pods.map(({ metadata }) => metadata.namespace))].map((name) => ({ metadata: { name } })),
  );
  put('Pod', pods);
  put(
    'Event',
    recording.events.map((event, n) => ({
      ...event,
      // Recordings leave out what events are called, and that kubelets say them.
      metadata: {
        ...event.metadata,
        name: `${event.involvedObject.name}.${String(n).padStart(6, '0')}`,
        namespace: event.involvedObject.namespace,
      },
      source: { ...event.source, component: 'kubelet' },
    })),
  );
  put('ServiceAccount', recording.serviceAccounts);
  put('Secret', recording.secrets);
  put('Node', recording.nodes);
  // A Job is recorded by who owns it, by its pods, or both.
  put(
    'Job',
    recording.owners.filter(({ kind }) => kind === 'Job'),
  );
  for (const kind of CONTROLLER_KINDS)
    put(
      kind,
      recording.controllers?.filter((controller) => controller.kind === kind),
    );
}

const resource = (name: string, kind: string) => ({ name, singularName: '', namespaced: true, kind, verbs: ['get', 'list'] });

/** Enough of discovery for kubectl to find pods and events. */
const DISCOVERY: Readonly<Record<string, unknown>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': { kind: 'APIResourceList', groupVersion: 'v1', resources: [resource('pods', 'Pod'), resource('events', 'Event')] },
};
