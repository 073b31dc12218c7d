import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CONTROLLER_KINDS, type EventReason } from '../../src/cluster/cluster.ts';
import { createRecordedCluster } from '../../src/recording/recorded-world.ts';
import type { Recording } from '../../src/recording/recording.ts';
import type { ServerCertificate } from './certificates.ts';
import { type KubeletAnswers, kubeletAnswer } from './kubelet-answers.ts';

/** A small API server on a loopback port that answers out of a recording, with paging and field selectors. */
export interface ApiServer {
  readonly url: string;
  /** `METHOD path?query` of every request so far. */
  readonly requests: readonly string[];
  /** A kubeconfig for it, as YAML. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

/** Answers one request, or returns false to leave it to the recording. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Starts an API server; `pageSize` caps a page below what the client asks for, as a busy server may. */
export async function startApiServer(
  recording: Recording,
  options: {
    readonly intercept?: Interceptor;
    readonly pageSize?: number;
    readonly kubelet?: KubeletAnswers;
    /** Clients send a token over TLS only. */
    readonly tls?: ServerCertificate;
  } = {},
): Promise<ApiServer> {
  const requests: string[] = [];
  const world = createRecordedCluster(recording);
  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`);
    if (options.intercept?.(request, response)) return;
    const proxied = /\/nodes\/[^/]+\/proxy(\/.*)/.exec(request.url ?? '')?.[1];
    if (proxied !== undefined && options.kubelet) {
      const { status, type, body } = kubeletAnswer(request, proxied, options.kubelet);
      response.writeHead(status, { 'content-type': type }).end(body);
      return;
    }
    answer(new URL(request.url ?? '/', 'http://api'), world, options.pageSize ?? Number.POSITIVE_INFINITY).then(
      ({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      },
      (error: unknown) => {
        response.writeHead(500).end(String(error));
      },
    );
  };
  const { tls } = options;
  const server = tls
    ? createTlsServer({ cert: await readFile(tls.certificate), key: await readFile(tls.key) }, respond)
    : createServer(respond);
  await listen(server);
  const { port } = server.address() as AddressInfo;
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  return { url, requests, kubeconfig: kubeconfigFor(url), stop: () => stop(server) };
}

/** A kubeconfig with one context, `test`. */
export function kubeconfigFor(url: string, token = 'canary-kubeconfig-token'): string {
  return `apiVersion: v1
kind: Config
current-context: test
clusters: [{ name: test, cluster: { server: "${url}", insecure-skip-tls-verify: true } }]
users: [{ name: test, user: { token: ${token} } }]
contexts: [{ name: test, context: { cluster: test, user: test } }]
`;
}

const resource = (name: string, kind: string) => ({ name, singularName: '', namespaced: true, kind, verbs: ['get', 'list'] });

/** Enough of discovery for kubectl to find pods and events. */
const DISCOVERY: Readonly<Record<string, unknown>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': { kind: 'APIResourceList', groupVersion: 'v1', resources: [resource('pods', 'Pod'), resource('events', 'Event')] },
  '/version': { major: '1', minor: '36', gitVersion: 'v1.36.0' },
};

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type World = ReturnType<typeof createRecordedCluster>;

async function answer(url: URL, world: World, pageSize: number): Promise<Answer> {
  const discovered = DISCOVERY[url.pathname];
  if (discovered) return { status: 200, body: discovered };
  const match = /^\/(?:api|apis\/[a-z.]+)\/v1(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?$/.exec(url.pathname);
  const [, namespace, resource, name] = match ?? [];
  try {
    const body =
      name === undefined
        ? await listAnswer({ url, world, pageSize, namespace, resource })
        : await objectAnswer({ world, namespace, resource, name });
    if (body !== undefined) return { status: 200, body };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'cluster/not-found')) throw error;
    return { status: 404, body: { kind: 'Status', status: 'Failure', message: error.message, reason: 'NotFound', code: 404 } };
  }
  return { status: 404, body: { kind: 'Status', message: `the server could not find ${url.pathname}`, code: 404 } };
}

async function objectAnswer(asked: {
  world: World;
  namespace: string | undefined;
  resource: string | undefined;
  name: string;
}): Promise<unknown> {
  const { world, namespace, resource, name } = asked;
  if (resource === 'nodes') return world.readNode(name);
  if (namespace === undefined) return undefined;
  const kind = CONTROLLER_KINDS.find((candidate) => `${candidate.toLowerCase()}s` === resource);
  if (resource === 'pods') return { kind: 'Pod', apiVersion: 'v1', ...(await world.readPod(namespace, name)) };
  if (kind === 'Job') return jobOf(world, namespace, name);
  if (kind) return world.readController(kind, namespace, name);
  if (resource === 'secrets') return world.readSecret(namespace, name);
  return resource === 'serviceaccounts' ? world.readServiceAccount(namespace, name) : undefined;
}

async function listAnswer(asked: {
  url: URL;
  world: World;
  pageSize: number;
  namespace: string | undefined;
  resource: string | undefined;
}): Promise<unknown> {
  const { url, world, pageSize, namespace, resource } = asked;
  if (resource === 'pods') return podPage(url, world, namespace, pageSize);
  if (resource === 'events') return eventList(url, world, namespace);
  // As the real one, it lists objects without their kind.
  if (resource === 'jobs') return { kind: 'JobList', items: await world.listJobs(jobsWanted(url, namespace)) };
  if (resource !== 'namespaces') return undefined;
  return { kind: 'NamespaceList', items: (await world.listNamespaces(1_000)).map((of) => ({ metadata: { name: of } })) };
}

/** A Job is asked for by who owns it, and by its pods. */
function jobOf(world: World, namespace: string, name: string): Promise<unknown> {
  return world.readController('Job', namespace, name).catch(() => world.readJob(namespace, name));
}

async function podPage(url: URL, world: World, namespace: string | undefined, pageSize: number): Promise<unknown> {
  const { 'spec.nodeName': node, 'status.phase': phase } = fieldsOf(url);
  const labels = url.searchParams.get('labelSelector');
  const { pods } = await world.listPods({
    limit: 1_000_000,
    ...(namespace ? { namespace } : {}),
    ...(node ? { node } : {}),
    ...(phase === 'Pending' || phase === 'Running' ? { phase } : {}),
    ...(labels === null ? {} : { labels }),
  });
  const from = Number(url.searchParams.get('continue') ?? 0);
  const to = from + Math.min(Number(url.searchParams.get('limit') ?? pods.length), pageSize);
  const metadata = to < pods.length ? { continue: String(to), remainingItemCount: pods.length - to } : {};
  return { kind: 'PodList', apiVersion: 'v1', metadata, items: pods.slice(from, to) };
}

const EVENT_REASONS: readonly EventReason[] = ['Failed', 'Pulling', 'FailedToRetrieveImagePullSecret', 'FailedCreatePodSandBox'];

function jobsWanted(url: URL, namespace: string | undefined): Parameters<World['listJobs']>[0] {
  return { limit: Number(url.searchParams.get('limit') ?? 500), ...(namespace ? { namespace } : {}) };
}

async function eventList(url: URL, world: World, namespace: string | undefined): Promise<unknown> {
  if (url.searchParams.get('fieldSelector')?.includes('reason!=Pulling')) {
    const { events } = await world.listPullEnds(Number(url.searchParams.get('limit')));
    return { kind: 'EventList', apiVersion: 'v1', metadata: {}, items: events };
  }
  const { 'involvedObject.name': name, 'involvedObject.uid': uid, reason } = fieldsOf(url);
  const items = name
    ? await world.listPodEvents({ namespace: namespace ?? '', name, ...(uid ? { uid } : {}) })
    : await world.listEvents({
        ...(namespace ? { namespace } : {}),
        reason: EVENT_REASONS.find((known) => known === reason) ?? 'Failed',
        limit: 1_000_000,
      });
  return { kind: 'EventList', apiVersion: 'v1', metadata: {}, items };
}

function fieldsOf(url: URL): Record<string, string> {
  const pairs = (url.searchParams.get('fieldSelector') ?? '').split(',').map((pair) => pair.split('='));
  return Object.fromEntries(pairs.map(([key = '', value = '']) => [key, value]));
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
