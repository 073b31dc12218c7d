import type { KubeletReader } from '../../src/cluster/cluster.ts';
import { readKubeletMetrics } from '../../src/cluster/kubelet/kubelet-metrics.ts';
import { matchingLines } from '../../src/cluster/kubelet/log-lines.ts';
import type { EndpointReport } from '../../src/facts/endpoint.ts';
import { KubeletConfiguration, StatsSummary } from '../../src/facts/kubernetes/kubelet-reading.ts';
import { Controller, type Event, Secret, ServiceAccount } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import type { Recording } from '../../src/recording/recording.ts';
import type { Sources } from '../../src/steps/step.ts';
import { type Script, scriptedRegistry } from './fake-registry.ts';
import { healthyKubelet } from './kubelet-answers.ts';
import { eventObject, nodeObject, podObject } from './objects.ts';

/**
 * Worlds made by hand for causes that nobody recorded, with the answers that registries, nodes and kubelets would give. Every
 * password in them is a canary: none may come out in a recording or report.
 */

const IMAGE = 'registry.example/shop/web:1.27';
const base64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
const found = { status: 'found', content: { kind: 'opaque' } } as const;
const image = {
  status: 'found',
  content: { kind: 'image', bytes: 84_200_000, layers: 5, digests: [`sha256:${'b'.repeat(64)}`], configType: 'x' },
} as const;
const unauthorized = { status: 'unauthorized', by: 'registry', code: 'UNAUTHORIZED', message: 'authentication required' } as const;
const bearer = {
  host: 'registry.example',
  status: 'answers',
  scheme: 'https',
  httpStatus: 401,
  isRegistry: true,
  challenge: { scheme: 'bearer', realm: 'https://auth.example/token', service: 'registry.example' },
} as const;
const open = (_: string, how: 'head' | 'get') => (how === 'head' ? found : image);
const locked = (answer: Exclude<ReturnType<NonNullable<Script['manifest']>>, { status: 'found' }>) => (account: string) =>
  account === 'anonymous' ? unauthorized : answer;

/** What a world is made of; everything that is not given is in order. */
interface Making {
  readonly error: string;
  readonly image?: string;
  readonly pod?: Parameters<typeof podObject>[0];
  readonly events?: readonly Event[];
  readonly pods?: Recording['pods'];
  readonly controllers?: Recording['controllers'];
  readonly secrets?: readonly Secret[];
  readonly account?: readonly string[];
  readonly registry?: Script;
  readonly endpoint?: Partial<EndpointReport>;
  readonly node?: Record<string, unknown>;
  readonly kubelet?: Parameters<typeof healthyKubelet>[0] & { readonly configuration?: Record<string, unknown> };
}

const secret = (auths: unknown, type = 'kubernetes.io/dockerconfigjson') =>
  Secret.parse({ metadata: { name: 'regcred', namespace: 'shop' }, type, data: { '.dockerconfigjson': base64({ auths }) } });
const login = (key: string, password = 'canary-password') => secret({ [key]: { username: 'robot', password } });
const notFound = `failed to resolve image: ${IMAGE}: not found`;
const refused =
  'failed to resolve image: unexpected status from HEAD request to https://registry.example/v2/shop/web/manifests/1.27: 401 Unauthorized';
const hubDenied =
  'failed to resolve image: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';
const request = 'failed to resolve image: failed to do request: Head "https://registry.example/v2/shop/web/manifests/1.27"';

/** Name and making of each world; the name says what is wrong in it. */
export const MADE_WORLDS: Readonly<Record<string, Making>> = {
  'made-tag-not-found': {
    error: notFound,
    registry: {
      manifest: () => ({ status: 'missing', what: 'unknown', code: 'MANIFEST_UNKNOWN' }),
      tags: () => ({ status: 'found', tags: ['1.26', '1.27.3', '1.27.2', 'latest'], complete: true }),
    },
  },
  'made-tag-there-after-all': { error: notFound, registry: { manifest: open } },
  'made-repository-not-found': {
    error: notFound,
    registry: {
      manifest: () => ({ status: 'missing', what: 'unknown' }),
      tags: () => ({ status: 'missing', what: 'repository', code: 'NAME_UNKNOWN' }),
    },
  },
  'made-platform-mismatch': {
    error: 'no match for platform in manifest: not found',
    registry: {
      manifest: (_, how) =>
        how === 'head'
          ? found
          : {
              status: 'found',
              content: {
                kind: 'index',
                members: [{ digest: `sha256:${'c'.repeat(64)}`, platform: { os: 'linux', architecture: 'arm64' } }],
              },
            },
    },
  },
  'made-unsupported-manifest': {
    error: 'media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v2.1',
    registry: {
      manifest: (_, how) =>
        how === 'head'
          ? found
          : { status: 'found', content: { kind: 'unsupported', because: 'it is a schema 1 manifest, which runtimes no longer pull' } },
    },
  },
  'made-layer-missing': {
    error: `failed to copy: httpReadSeeker: failed open: content at https://registry.example/v2/shop/web/blobs/sha256:${'b'.repeat(64)} not found: not found`,
    registry: { manifest: open, blob: () => ({ status: 'missing', what: 'unknown', code: 'BLOB_UNKNOWN' }) },
  },
  'made-signature-policy': {
    error: 'SignatureValidationFailed: Source image rejected: A signature was required, but no signature exists',
    registry: { manifest: open },
  },
  'made-secret-not-found': { error: refused, pod: { pullSecrets: ['regcred'] }, registry: { ping: bearer, manifest: () => unauthorized } },
  'made-secret-malformed': {
    error: refused,
    pod: { pullSecrets: ['regcred'] },
    secrets: [secret({ 'registry.example': { auth: 'canary-not-base64!' } })],
    registry: { ping: bearer, manifest: () => unauthorized },
  },
  'made-secret-for-docker-hub-without-slash': {
    image: 'shop/web:1.27',
    error: hubDenied,
    pod: { pullSecrets: ['regcred'] },
    secrets: [login('https://index.docker.io/v1')],
    registry: { ping: { ...bearer, host: 'docker.io' }, manifest: () => ({ ...unauthorized, hidesMissing: true }) },
  },
  'made-credentials-missing': { error: refused, registry: { ping: bearer, manifest: () => unauthorized } },
  'made-credentials-rejected': {
    error: refused,
    pod: { pullSecrets: ['regcred'] },
    secrets: [login('registry.example')],
    registry: { ping: bearer, manifest: locked({ status: 'unauthorized', by: 'token-server', message: 'incorrect username or password' }) },
  },
  'made-token-ended': {
    error: refused,
    pod: { pullSecrets: ['regcred'] },
    secrets: [login('registry.example', `${base64({ alg: 'none' })}.${base64({ exp: 1_770_000_000, note: 'canary' })}.canary`)],
    registry: { ping: bearer, manifest: locked({ status: 'unauthorized', by: 'token-server', message: 'token expired' }) },
  },
  'made-access-denied': {
    error:
      'failed to resolve image: unexpected status from HEAD request to https://registry.example/v2/shop/web/manifests/1.27: 403 Forbidden',
    pod: { pullSecrets: ['regcred'] },
    secrets: [login('registry.example')],
    registry: {
      ping: bearer,
      manifest: locked({
        status: 'forbidden',
        by: 'registry',
        code: 'DENIED',
        message: 'requested access to the resource is denied',
        hidesMissing: false,
      }),
    },
  },
  'made-stale-credential-on-public-image': {
    error: refused,
    pod: { pullSecrets: ['regcred'] },
    secrets: [login('registry.example')],
    registry: {
      ping: bearer,
      manifest: (account, how) =>
        account === 'anonymous'
          ? open(account, how)
          : { status: 'unauthorized', by: 'token-server', message: 'incorrect username or password' },
    },
  },
  'made-private-or-missing-on-docker-hub': {
    image: 'shop/web:1.27',
    error: hubDenied,
    pod: { pullSecrets: ['regcred'] },
    secrets: [login('https://index.docker.io/v1/')],
    registry: {
      ping: { ...bearer, host: 'docker.io' },
      manifest: (account) =>
        account === 'anonymous'
          ? { ...unauthorized, hidesMissing: true }
          : { status: 'forbidden', by: 'registry', hidesMissing: true, code: 'UNAUTHORIZED' },
    },
  },
  'made-credential-provider': {
    error: refused,
    registry: { ping: bearer, manifest: () => unauthorized },
    kubelet: {
      log: 'E0301 10:00:05.000000 1 plugin.go:1] "Failed getting credential from external registry credential provider" err="error execing credential provider plugin ecr-credential-provider for image registry.example/shop/web: exit status 1"\n',
    },
  },
  'made-credential-provider-said-so': {
    error: 'error execing credential provider plugin ecr-credential-provider: exit status 1',
    registry: { manifest: () => unauthorized },
  },
  'made-dns-failure-on-the-node-only': {
    error: `${request}: dial tcp: lookup registry.example on 192.0.2.53:53: no such host`,
    registry: { manifest: open },
  },
  'made-connection-reset': {
    error: `${request}: read tcp 192.0.2.1:4711->192.0.2.7:443: read: connection reset by peer`,
    endpoint: { problem: 'connection-reset', tls: { status: 'failed', because: 'the handshake fails (ECONNRESET)' } },
    registry: {
      ping: {
        host: 'registry.example',
        status: 'unreachable',
        problem: 'connection-reset',
        message: 'registry.example: the connection was cut',
      },
      manifest: () => ({
        status: 'unreachable',
        problem: 'connection-reset',
        host: 'registry.example',
        message: 'registry.example: the connection was cut',
      }),
    },
  },
  'made-network-unreachable': {
    error: `${request}: dial tcp [2001:db8::7]:443: connect: network is unreachable`,
    registry: { manifest: open },
    node: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'NetworkUnavailable', status: 'True' },
      ],
    },
  },
  'made-proxy-error': {
    error: `${request}: proxyconnect tcp: dial tcp 192.0.2.3:3128: connect: connection refused`,
    registry: { manifest: open },
  },
  'made-tls-expired': {
    error: `${request}: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-03-01T10:00:00Z is after 2026-02-28T00:00:00Z`,
    endpoint: {
      problem: 'tls-expired',
      tls: {
        status: 'expired',
        because: 'it ended at 2026-02-28T00:00:00.000Z',
        milliseconds: 9,
        chain: [
          {
            subject: 'registry.example',
            issuer: 'Corp CA',
            validFrom: '2025-02-28T00:00:00.000Z',
            validTo: '2026-02-28T00:00:00.000Z',
            names: ['registry.example'],
          },
        ],
      },
    },
    registry: {
      ping: { host: 'registry.example', status: 'unreachable', problem: 'tls-expired', message: 'its certificate has expired' },
      manifest: () => ({
        status: 'unreachable',
        problem: 'tls-expired',
        host: 'registry.example',
        message: 'registry.example: its certificate has expired, or is not valid yet',
      }),
    },
  },
  'made-pull-canceled': {
    error: 'rpc error: code = Canceled desc = failed to pull and unpack image: context canceled',
    events: [eventObject({ reason: 'Pulling', message: `Pulling image "${IMAGE}"`, last: '2026-03-01T10:07:58Z' })],
    registry: { manifest: open },
  },
  'made-rate-limited': {
    image: 'nginx:1.27',
    error:
      'failed to resolve image: unexpected status from HEAD request to https://registry-1.docker.io/v2/library/nginx/manifests/1.27: 429 Too Many Requests',
    registry: { manifest: () => ({ ...found, rateLimit: { limit: 100, remaining: 4, windowSeconds: 21_600, source: '192.0.2.7' } }) },
  },
  'made-registry-unavailable': {
    error:
      'failed to resolve image: unexpected status from HEAD request to https://registry.example/v2/shop/web/manifests/1.27: 503 Service Unavailable',
    registry: {
      ping: { host: 'registry.example', status: 'answers', scheme: 'https', httpStatus: 503, isRegistry: true },
      manifest: () => ({ status: 'failing', httpStatus: 503, by: 'registry' }),
    },
  },
  'made-disk-full': {
    error: 'failed to extract layer sha256:abc: write /var/lib/containerd/x: no space left on device',
    registry: { manifest: open },
    node: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'DiskPressure', status: 'True', message: 'kubelet has disk pressure', lastTransitionTime: '2026-03-01T10:02:00Z' },
      ],
      images: [{ names: ['old.example/model@sha256:1', 'old.example/model:1'], sizeBytes: 9_000_000_000 }],
    },
    kubelet: { freeBytes: 1_500_000_000 },
  },
  'made-image-larger-than-disk': {
    error: 'failed to extract layer sha256:abc: write /var/lib/containerd/x: no space left on device',
    registry: {
      manifest: (_, how) => (how === 'head' ? found : { ...image, content: { ...image.content, bytes: 140_000_000_000 } }),
    },
  },
  'made-runtime-unavailable': {
    error:
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
    registry: { manifest: open },
    node: {
      conditions: [{ type: 'Ready', status: 'False', message: 'container runtime is down', lastTransitionTime: '2026-03-01T10:01:00Z' }],
    },
  },
  'made-serialized-pull-stall': {
    error: '',
    pod: { waiting: { reason: 'ContainerCreating' } },
    events: [
      eventObject({ reason: 'Pulling', message: `Pulling image "${IMAGE}"`, last: '2026-03-01T10:05:00Z' }),
      eventObject({
        reason: 'Pulling',
        message: 'Pulling image "big.example/model:1"',
        last: '2026-03-01T10:01:00Z',
        pod: 'model-0',
        uid: 'uid-model-0',
      }),
    ],
    pods: [podObject({ name: 'model-0', image: 'big.example/model:1' })],
    registry: { manifest: open },
  },
  'made-pull-no-progress': {
    error: '',
    pod: { waiting: { reason: 'ContainerCreating' } },
    events: [eventObject({ reason: 'Pulling', message: `Pulling image "${IMAGE}"`, last: '2026-03-01T10:05:30Z' })],
    registry: { manifest: open },
  },
  'made-pull-of-a-large-image': {
    error: '',
    pod: { waiting: { reason: 'ContainerCreating' } },
    events: [eventObject({ reason: 'Pulling', message: `Pulling image "${IMAGE}"`, last: '2026-03-01T10:05:30Z' })],
    registry: {
      manifest: (_, how) => (how === 'head' ? found : { ...image, content: { ...image.content, bytes: 12_000_000_000 } }),
    },
  },
  'made-applied-by-argo-cd': {
    error: notFound,
    controllers: [
      Controller.parse({
        kind: 'Deployment',
        metadata: {
          name: 'web',
          namespace: 'shop',
          annotations: { 'argocd.argoproj.io/tracking-id': 'storefront:apps/Deployment:shop/web', 'example.com/token': 'canary' },
        },
      }),
    ],
    registry: { manifest: () => ({ status: 'missing', what: 'tag' }), tags: () => ({ status: 'found', tags: ['1.26'], complete: true }) },
  },
  'made-pull-qps': { error: 'pull QPS exceeded', registry: { manifest: open } },
  'made-mirror-refuses': {
    error:
      'failed to resolve image: unexpected status from HEAD request to https://mirror.example/v2/shop/web/manifests/1.27?ns=registry.example: 403 Forbidden',
    registry: { manifest: open },
  },
  'made-registry-policy': {
    error:
      'failed to resolve image: unexpected status from HEAD request to https://registry.example/v2/shop/web/manifests/1.27: 412 Precondition Failed',
    pod: { pullSecrets: ['regcred'] },
    secrets: [login('registry.example')],
    registry: { ping: bearer, manifest: locked({ status: 'failing', httpStatus: 412, by: 'registry' }) },
  },
  'made-unpack-refused': {
    error:
      'failed to extract layer sha256:abc: mount callback failed on /var/lib/containerd/tmpmounts/m: failed to Lchown "/var/lib/containerd/tmpmounts/m/opt" for UID 1000700000, GID 0: lchown /var/lib/containerd/tmpmounts/m/opt: invalid argument (Hint: try increasing the number of subordinate IDs in /etc/subuid and /etc/subgid): unknown',
    registry: { manifest: open },
  },
  'made-tls-handshake': { error: `${request}: remote error: tls: certificate required`, registry: { manifest: open } },
  'made-image-storage': {
    error: 'failed to copy: open /var/lib/containerd/io.containerd.content.v1.content/ingest/0a/ref: read-only file system: unknown',
    registry: { manifest: open },
  },
  'made-snapshotter-failed': {
    error:
      'failed to prepare extraction snapshot "extract-1 sha256:abc": connection error: desc = "transport: Error while dialing: dial unix /run/containerd-stargz-grpc/containerd-stargz-grpc.sock: connect: no such file or directory": unavailable',
    registry: { manifest: () => unauthorized },
  },
  'made-runtime-misconfigured': {
    error: 'invalid policy in "/etc/containers/policy.json": Unknown key "keyPaths"',
    registry: { manifest: open },
  },
  'made-rate-limited-at-the-same-address': {
    image: 'nginx:1.27',
    error:
      'failed to resolve image: unexpected status from HEAD request to https://registry-1.docker.io/v2/library/nginx/manifests/1.27: 429 Too Many Requests',
    registry: {
      manifest: () => ({ status: 'rate-limited', by: 'registry', rateLimit: { limit: 100, remaining: 0, source: '192.0.2.7' } }),
    },
    node: {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [
        { type: 'InternalIP', address: '10.0.0.4' },
        { type: 'ExternalIP', address: '192.0.2.7' },
      ],
    },
  },
  'made-moved-image': {
    image: 'bitnami/redis:7.0.11',
    error: 'failed to resolve image: docker.io/bitnami/redis:7.0.11: not found',
    registry: {
      ping: { ...bearer, host: 'docker.io' },
      manifest: () => ({ status: 'missing', what: 'unknown', code: 'MANIFEST_UNKNOWN' }),
      tags: () => ({ status: 'found', tags: ['latest'], complete: true }),
    },
  },
  'made-http-asked-of-a-tls-port': {
    error:
      'failed to resolve image: unexpected status from HEAD request to http://registry.example:5000/v2/shop/web/manifests/1.27: 400 Bad Request',
    image: 'registry.example:5000/shop/web:1.27',
    registry: { manifest: open },
  },
};

/** A world of the table, and the recording of the pod that is diagnosed in it. */
export function makeWorld(name: string): { readonly sources: Sources; readonly recording: Recording } {
  const making = MADE_WORLDS[name];
  if (!making) throw new Error(`there is no world ${name}`);
  const wanted = making.image ?? IMAGE;
  const waiting = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${wanted}": ErrImagePull: ${making.error}` };
  const pod = podObject({
    image: wanted,
    waiting,
    owner: { kind: 'ReplicaSet', name: 'web-5d4f8c7b9' },
    labels: { 'pod-template-hash': '5d4f8c7b9' },
    ...making.pod,
  });
  const failed =
    making.error === ''
      ? []
      : [
          eventObject({
            reason: 'Failed',
            message: `Failed to pull image "${wanted}": ${making.error}`,
            first: '2026-03-01T10:00:10Z',
            last: '2026-03-01T10:08:00Z',
            times: 6,
          }),
        ];
  const recording: Recording = {
    capturedAt: '2026-03-01T10:10:00Z',
    cluster: 'made',
    namespace: 'shop',
    pod: 'web-0',
    podObject: pod,
    events: [...failed, ...(making.events ?? [])],
    pods: [pod, ...(making.pods ?? [])],
    podsComplete: true,
    owners: [],
    controllers: making.controllers,
    serviceAccounts: [
      ServiceAccount.parse({
        metadata: { name: 'default', namespace: 'shop' },
        imagePullSecrets: (making.account ?? []).map((account) => ({ name: account })),
      }),
    ],
    secrets: making.secrets ?? [],
    nodes: [nodeObject(making.node === undefined ? {} : { status: making.node })],
    answers: [],
  };
  const world = createRecordedSources(recording);
  return {
    recording,
    sources: {
      cluster: world.cluster,
      kubelet: kubeletOf(making.kubelet),
      registry: scriptedRegistry(making.registry ?? {}),
      vantage: 'bot',
      prober: {
        probe: async ({ host, port }) => ({
          host,
          port,
          dns: { status: 'resolved', milliseconds: 2 },
          addresses: [{ address: '192.0.2.7', status: 'open', milliseconds: 11 }],
          tls: {
            status: 'trusted',
            milliseconds: 24,
            chain: [
              {
                subject: host,
                issuer: 'Example CA',
                validFrom: '2026-01-01T00:00:00.000Z',
                validTo: '2027-01-01T00:00:00.000Z',
                names: [host],
              },
            ],
          },
          ...making.endpoint,
        }),
      },
    },
  };
}

function kubeletOf(given: Making['kubelet'] = {}): KubeletReader {
  const answers = healthyKubelet(given);
  return {
    access: 'apiserver-proxy',
    requests: () => 0,
    sampleMetrics: async () => [readKubeletMetrics(answers['/metrics'] ?? '', '2026-03-01T10:10:00.000Z')],
    readStats: async () => StatsSummary.parse(JSON.parse(answers['/stats/summary'] ?? '')),
    readConfiguration: async () =>
      KubeletConfiguration.parse({ ...JSON.parse(answers['/configz'] ?? '').kubeletconfig, ...given.configuration }),
    readLog: async (_, query) => matchingLines(answers['/logs/'] ?? '', query),
  };
}
