import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDirectKubelet, createProxiedKubelet } from '../../src/cluster/kubelet/kubelet-client.ts';
import { createNoKubelet } from '../../src/cluster/kubelet/no-kubelet.ts';
import { createPrometheusKubelet } from '../../src/cluster/kubelet/prometheus-kubelet.ts';
import { createKubernetesCluster } from '../../src/cluster/kubernetes-cluster.ts';
import { Node } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { startServer } from '../support/http-server.ts';
import { healthyKubelet, type KubeletAnswers, kubeletAnswer } from '../support/kubelet-answers.ts';

const SINCE = new Date('2026-03-01T09:40:00Z');
const query = { since: SINCE, words: ['shop/web'], most: 5 };
const nodeAt = (address: string, port: number) =>
  Node.parse({
    metadata: { name: 'node-1' },
    status: { addresses: [{ type: 'InternalIP', address }], daemonEndpoints: { kubeletEndpoint: { Port: port } } },
  });

/** A kubelet behind a handler: what it serves, or a refusal of itself or of the API server. */
function serve(answers: KubeletAnswers, seen: string[] = [], refusal?: { status: number; body: string }) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '/').replace(/^\/api\/v1\/nodes\/[^/]+\/proxy/, '');
    seen.push(`${path} ${request.headers.authorization ?? 'nobody'}`);
    const { status, body } = refusal ?? kubeletAnswer(request, path, answers);
    response.writeHead(status).end(body);
  };
}
/** How the API server itself refuses. */
const statusObject = (status: number, message: string) => ({
  status,
  body: JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code: status }),
});

function configFor(server: string, authority?: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'test', server, ...(authority ? { caData: Buffer.from(authority).toString('base64') } : {}) }],
    users: [{ name: 'test', token: 'canary-kubelet-token' }],
    contexts: [{ name: 'test', cluster: 'test', user: 'test' }],
    currentContext: 'test',
  });
  return config;
}

async function throughApiServer<T>(
  answers: Readonly<Record<string, string>>,
  work: (kubelet: ReturnType<typeof createProxiedKubelet>, seen: readonly string[]) => Promise<T>,
  refusal?: { status: number; body: string },
): Promise<T> {
  const seen: string[] = [];
  const server = await startServer(serve(answers, seen, refusal));
  try {
    return await work(createProxiedKubelet(createKubernetesCluster(configFor(`http://${server.host}`)).readText), seen);
  } finally {
    await server.stop();
  }
}
const node = nodeAt('192.0.2.1', 10250);
const nodeNamed = (name: string) => Node.parse({ metadata: { name } });

describe('a kubelet by way of the API server', () => {
  it('tells its figures in one look, its disks and its configuration', () =>
    throughApiServer(healthyKubelet(), async (kubelet) => {
      expect((await kubelet.sampleMetrics(node)).map(({ pulls }) => pulls)).toEqual([100]);
      expect(await kubelet.readStats(node)).toMatchObject({ node: { fs: { capacityBytes: 100_000_000_000 } } });
      expect(await kubelet.readConfiguration(node)).toMatchObject({ serializeImagePulls: true, registryPullQPS: 5 });
    }));

  it('that is forbidden names the rule, and what else the rule allows', () =>
    throughApiServer(
      {},
      async (kubelet, seen) => {
        for (const reading of await Promise.allSettled([kubelet.readStats(node), kubelet.readConfiguration(node)]))
          expect(reading).toMatchObject({
            reason: {
              code: 'kubelet/forbidden',
              message: expect.stringMatching(/resources: \["nodes\/proxy"\][\s\S]*run commands in any pod/),
            },
          });
        expect(seen).toHaveLength(1);
      },
      statusObject(403, 'nodes "node-1" is forbidden'),
    ));

  it.each([
    [
      'nobody answers at its address',
      statusObject(503, 'error trying to reach service: dial tcp 192.0.2.1:10250: connect: connection refused'),
    ],
    ['its name is not known to the API server', statusObject(400, 'lookup node-1 on 192.0.2.53:53: no such host')],
    ['a tunnel to it is gone', statusObject(502, 'no agent available')],
  ])('that cannot be reached because %s is asked once, for all that there is to read', (_, refusal) =>
    throughApiServer(
      {},
      async (kubelet, seen) => {
        const readings = await Promise.allSettled([
          kubelet.sampleMetrics(node),
          kubelet.readConfiguration(node),
          kubelet.readLog(node, query),
          kubelet.readStats(node),
        ]);
        const message = `The kubelet of node-1 cannot be reached through the API server: ${JSON.parse(refusal.body).message}.`;
        for (const reading of readings)
          expect(reading).toMatchObject({ status: 'rejected', reason: { code: 'kubelet/unreachable', message } });
        await expect(kubelet.readStats(node)).rejects.toMatchObject({ message });
        expect(seen).toHaveLength(1);
        await expect(kubelet.readStats(nodeNamed('node-2'))).rejects.toMatchObject({ code: 'kubelet/unreachable' });
        expect(seen).toHaveLength(2);
      },
      refusal,
    ),
  );

  it('that answers one question badly is asked the others', () =>
    throughApiServer(healthyKubelet(), async (kubelet, seen) => {
      const { '/stats/summary': _, ...rest } = healthyKubelet();
      await throughApiServer(rest, async (other) => {
        await expect(other.readStats(node)).rejects.toMatchObject({ code: 'kubelet/unsupported' });
        expect(await other.readConfiguration(node)).toMatchObject({ serializeImagePulls: true });
      });
      await Promise.all([kubelet.readStats(node), kubelet.readConfiguration(node)]);
      expect(seen).toHaveLength(2);
    }));

  it('gives the lines of its log since a time', () =>
    throughApiServer({ '/logs/': 'a\nE pull shop/web failed password=canary-1234\n' }, async (kubelet, seen) => {
      expect(await kubelet.readLog(node, query)).toEqual(['E pull shop/web failed password=[redacted]']);
      expect(seen[0]).toContain('query=kubelet&query=containerd&tailLines=2000');
    }));

  it('whose log is a file is asked again without options', () =>
    throughApiServer(
      {
        '/logs/?options': '\noptions present and query resolved to log files for [kubelet]\ntry without specifying options\n',
        '/logs/': 'x\nshop/web\n',
      },
      async (kubelet, seen) => {
        expect(await kubelet.readLog(node, query)).toEqual(['shop/web']);
        expect(seen).toHaveLength(2);
      },
    ));

  it.each([
    ['has no journal', 'error: journal output not available\n', 'journal output not available'],
    ['has no such log', '\nlog not found for kubelet\n', 'log not found for kubelet'],
    ['lists files instead', '<pre>\n<a href="pods/">pods/</a>', 'log queries are off'],
  ])('that %s offers no log queries', (_, text, because) =>
    throughApiServer({ '/logs/': text }, async (kubelet) => {
      await expect(kubelet.readLog(node, query)).rejects.toMatchObject({
        code: 'kubelet/unsupported',
        message: expect.stringContaining(because),
      });
    }),
  );

  it('that answers something else is a bad answer', () =>
    throughApiServer({ '/stats/summary': '<html>', '/configz': '{}' }, async (kubelet) => {
      await expect(kubelet.readStats(node)).rejects.toMatchObject({ code: 'kubelet/bad-answer' });
      await expect(kubelet.readConfiguration(node)).rejects.toMatchObject({ code: 'kubelet/bad-answer' });
    }));
});

describe('a kubelet on its own port', () => {
  let certificates: Certificates;
  let server: Server;
  let port: number;
  const seen: string[] = [];
  beforeAll(async () => {
    certificates = await makeCertificates();
    const answers = serve(healthyKubelet({ log: 'shop/web failed\n' }), seen);
    const forbidden = serve({}, seen, {
      status: 403,
      body: 'Forbidden (user=x, verb=get, resource=nodes, subresource(s)=[configz proxy])',
    });
    server = createServer(
      { cert: readFileSync(certificates.good.certificate), key: readFileSync(certificates.good.key) },
      (request, response) => (request.url === '/configz' ? forbidden : answers)(request, response),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await certificates.remove();
  });

  it('is asked with the token, and its certificate is checked against the authority of the cluster', async () => {
    const kubelet = createDirectKubelet(configFor('https://127.0.0.1:1', certificates.authority));
    expect((await kubelet.sampleMetrics(nodeAt('127.0.0.1', port))).map(({ pullErrors }) => pullErrors)).toEqual([1]);
    expect(await kubelet.readLog(nodeAt('127.0.0.1', port), query)).toEqual(['shop/web failed']);
    expect(kubelet.requests()).toBe(2);
    expect(seen[0]).toBe('/metrics Bearer canary-kubelet-token');
    const strict = createDirectKubelet(configFor('https://127.0.0.1:1'));
    await expect(strict.readStats(nodeAt('127.0.0.1', port))).rejects.toMatchObject({ code: 'kubelet/unreachable' });
    const lenient = createDirectKubelet(configFor('https://127.0.0.1:1'), { acceptAnyCertificate: true });
    expect(await lenient.readStats(nodeAt('127.0.0.1', port))).toMatchObject({ node: {} });
  });

  it('that refuses names the one right that is missing, and no more', async () => {
    const kubelet = createDirectKubelet(configFor('https://127.0.0.1:1', certificates.authority));
    await expect(kubelet.readConfiguration(nodeAt('127.0.0.1', port))).rejects.toMatchObject({
      code: 'kubelet/forbidden',
      message: expect.stringMatching(/resources: \["nodes\/configz"\][\s\S]*Before Kubernetes 1\.33 it takes nodes\/proxy/),
    });
  });

  it('that has no address, or does not answer there, is unreachable', async () => {
    const kubelet = createDirectKubelet(configFor('https://127.0.0.1:1', certificates.authority));
    await expect(kubelet.readStats(Node.parse({ metadata: { name: 'node-1' } }))).rejects.toMatchObject({ code: 'kubelet/unreachable' });
    await expect(kubelet.readStats(nodeAt('127.0.0.1', 1))).rejects.toMatchObject({
      code: 'kubelet/unreachable',
      message: expect.not.stringContaining('canary'),
    });
  });
});

describe('a kubelet by way of Prometheus', () => {
  const NOW = new Date('2026-03-01T10:00:00Z');
  const result = (pulls: string) => ({
    status: 'success',
    data: {
      resultType: 'vector',
      result: [
        { metric: { __name__: 'kubelet_runtime_operations_total', operation_type: 'pull_image', node: 'node-1' }, value: [1, pulls] },
      ],
    },
  });

  it('has a baseline from an hour ago', async () => {
    const server = await startServer((request, response) =>
      response.end(JSON.stringify(result(request.url?.includes(`time=${NOW.getTime() / 1000}`) ? '50' : '20'))),
    );
    const kubelet = createPrometheusKubelet({ url: `http://${server.host}/prometheus`, now: () => NOW });
    expect((await kubelet.sampleMetrics(node)).map(({ at, pulls }) => [at, pulls])).toEqual([
      ['2026-03-01T09:00:00.000Z', 20],
      ['2026-03-01T10:00:00.000Z', 50],
    ]);
    expect(server.requests[0]?.url).toMatch(/^\/prometheus\/api\/v1\/query\?query=/);
    await expect(kubelet.readStats(node)).rejects.toMatchObject({ code: 'kubelet/unsupported' });
    await server.stop();
  });

  it.each([
    ['does not know the node', JSON.stringify({ status: 'success', data: { result: [] } }), 'kubelet/unsupported'],
    ['fails', JSON.stringify({ status: 'error', error: 'query timed out' }), 'kubelet/bad-answer'],
    ['is no Prometheus', '<html>', 'kubelet/bad-answer'],
  ])('that %s is told so', async (_, body, code) => {
    const server = await startServer((__, response) => response.end(body));
    await expect(createPrometheusKubelet({ url: `http://robot:canary@${server.host}` }).sampleMetrics(node)).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining('canary'),
    });
    await server.stop();
  });

  it('needs an address that is one', () => {
    expect(() => createPrometheusKubelet({ url: 'prometheus' })).toThrow(expect.objectContaining({ code: 'usage/no-prometheus' }));
  });
});

it('a kubelet that must not be asked says how to change that', async () => {
  await expect(createNoKubelet().readStats(node)).rejects.toMatchObject({
    code: 'kubelet/off',
    message: expect.stringContaining('apiserver-proxy'),
  });
});
