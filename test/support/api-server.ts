import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRecordedCluster } from '../../src/recording/recorded-world.ts';
import type { Recording } from '../../src/recording/recording.ts';

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
export async function startApiServer(recording: Recording, options: { readonly intercept?: Interceptor; readonly pageSize?: number } = {}): Promise<ApiServer> {
  const requests: string[] = [];
  const world = createRecordedCluster(recording);
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (options.intercept?.(request, response)) return;
    answer(new URL(request.url ?? '/', 'http://api'), world, options.pageSize ?? Number.POSITIVE_INFINITY).then(
      ({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      },
      (error: unknown) => {
        response.writeHead(500).end(String(error));
      },
    );
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return { url, requests, kubeconfig: kubeconfigFor(url), stop: () => stop(server) };
}

/** A kubeconfig with one context, `test`. */
export function kubeconfigFor(url: string): string {
  return `apiVersion: v1
kind: Config
current-context: test
clusters: [{ name: test, cluster: { server: "${url}", insecure-skip-tls-verify: true } }]
users: [{ name: test, user: { token: canary-kubeconfig-token } }]
contexts: [{ name: test, context: { cluster: test, user: test } }]
`;
}

async function answer(url: URL, world: ReturnType<typeof createRecordedCluster>, pageSize: number): Promise<{ status: number; body: unknown }> {
  const match = /^\/(?:api|apis\/[a-z.]+)\/v1(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?$/.exec(url.pathname);
  const [, namespace, resource, name] = match ?? [];
  const fields = new Map((url.searchParams.get('fieldSelector') ?? '').split(',').map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']));
  try {
    if (resource === 'pods' && name && namespace) return { status: 200, body: { kind: 'Pod', apiVersion: 'v1', ...(await world.readPod(namespace, name)) } };
    if (resource === 'jobs' && name && namespace) return { status: 200, body: await world.readJob(namespace, name) };
    if (resource === 'pods') {
      const node = fields.get('spec.nodeName');
      const phase = fields.get('status.phase');
      const { pods } = await world.listPods({
        limit: 1_000_000,
        ...(namespace ? { namespace } : {}),
        ...(node ? { node } : {}),
        ...(phase === 'Pending' || phase === 'Running' ? { phase } : {}),
      });
      const from = Number(url.searchParams.get('continue') ?? 0);
      const to = from + Math.min(Number(url.searchParams.get('limit') ?? pods.length), pageSize);
      const metadata = to < pods.length ? { continue: String(to), remainingItemCount: pods.length - to } : {};
      return { status: 200, body: { kind: 'PodList', apiVersion: 'v1', metadata, items: pods.slice(from, to) } };
    }
    if (resource === 'events') {
      const wanted = fields.get('involvedObject.name');
      const uid = fields.get('involvedObject.uid');
      const items = wanted
        ? await world.listPodEvents({ namespace: namespace ?? '', name: wanted, ...(uid ? { uid } : {}) })
        : await world.listFailedEvents({ ...(namespace ? { namespace } : {}), limit: 1_000_000 });
      return { status: 200, body: { kind: 'EventList', apiVersion: 'v1', metadata: {}, items } };
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'cluster/not-found')) throw error;
    return { status: 404, body: { kind: 'Status', status: 'Failure', message: error.message, reason: 'NotFound', code: 404 } };
  }
  return { status: 404, body: { kind: 'Status', message: `the server could not find ${url.pathname}`, code: 404 } };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
