import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnose, openSources } from '../src/app/app.ts';
import { Node, Secret, ServiceAccount } from '../src/facts/kubernetes/kubernetes-object.ts';
import type { Recording } from '../src/recording/recording.ts';
import { startApiServer } from '../test/support/api-server.ts';
import { recordingOf } from '../test/support/diagnosis.ts';
import { healthyKubelet } from '../test/support/kubelet-answers.ts';
import { eventObject, podObject } from '../test/support/objects.ts';
import { pushImage, pushIndex } from '../test/support/push-image.ts';
import { startDockerRegistry } from '../test/support/real-parts.ts';
import { startTokenServer } from '../test/support/token-server.ts';

const RUNS = 11;
const quiet = {
  post: async () => ({ ts: 'card' }),
  update: async () => undefined,
  find: async () => undefined,
  findForgotten: async () => undefined,
  notify: async () => undefined,
  link: async () => undefined,
};

/** Times of whole diagnoses in this process, beside the slowest step of the same run, and what they ask. */
export async function wholeDiagnosis(say: (name: string, value: string) => void): Promise<void> {
  const tokens = await startTokenServer({ robot: 'password' }, (user) => (user === 'robot' ? ['pull', 'push'] : []));
  const [open, locked] = await Promise.all([startDockerRegistry(), startDockerRegistry({ token: tokens })]);
  const query = new URLSearchParams({ service: tokens.service, scope: 'repository:shop/web:pull,push' });
  const login = Buffer.from('robot:password').toString('base64');
  const response = await fetch(`${tokens.realm}?${query}`, { headers: { authorization: `Basic ${login}` } });
  const { token } = (await response.json()) as { token: string };
  await pushImage({ origin: `http://${open.host}`, repository: 'shop/web' }, { tag: '1.0' });
  await pushIndex({ origin: `http://${locked.host}`, repository: 'shop/web', authorization: `Bearer ${token}` }, '1.0', ['amd64', 'arm64']);

  await measure('missing tag, open registry', `${open.host}/shop/web:9`, undefined, say);
  await measure('the same, kubelet not asked', `${open.host}/shop/web:9`, undefined, say, 'off');
  await measure('private index, token server, login', `${locked.host}/shop/web:1.0`, login, say);
  await measure('missing tag, token server, login', `${locked.host}/shop/web:9`, login, say);
  await Promise.all([open.stop(), locked.stop()]);
  await tokens.stop();
}

async function measure(
  name: string,
  image: string,
  login: string | undefined,
  say: (name: string, value: string) => void,
  kubelet: 'apiserver-proxy' | 'off' = 'apiserver-proxy',
): Promise<void> {
  const api = await startApiServer(worldFor(image, login), { kubelet: healthyKubelet() });
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-bench-'));
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, api.kubeconfig);
  const runs: { total: number; slowest: number; kubernetes: number; registry: number }[] = [];
  for (let run = 0; run < RUNS; run++) {
    const sources = await openSources({ kubeconfig, kubelet, allowLoopback: true });
    const start = performance.now();
    const { steps } = await diagnose({ sources, namespace: 'shop', pod: 'web-0', chat: quiet, now: () => new Date() });
    const total = performance.now() - start;
    const slowest = Math.max(...Object.values(steps).map((state) => ('durationMs' in state ? state.durationMs : 0)));
    runs.push({ total, slowest, kubernetes: sources.cluster.requests(), registry: sources.registry.requests() });
  }
  runs.sort((a, b) => a.total - b.total);
  const median = runs[Math.floor(runs.length / 2)];
  if (!median) return;
  say(
    `whole diagnosis: ${name}`,
    `${median.total.toFixed(0)} ms, slowest step ${median.slowest} ms (${(median.total / median.slowest).toFixed(2)} x); ${median.kubernetes} Kubernetes and ${median.registry} registry requests`,
  );
  await api.stop();
  await rm(folder, { recursive: true });
}

function worldFor(image: string, login: string | undefined): Recording {
  const message = `Failed to pull image "${image}": failed to resolve image: ${image}: not found`;
  const pod = podObject({ image, waiting: { reason: 'ImagePullBackOff', message }, pullSecrets: login ? ['regcred'] : [] });
  const [host = ''] = image.split('/');
  const secret = Secret.parse({
    metadata: { name: 'regcred', namespace: 'shop' },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: { [host]: { auth: login } } })).toString('base64') },
  });
  return {
    ...recordingOf(pod, [eventObject({ reason: 'Failed', message })]),
    nodes: [
      Node.parse({
        metadata: { name: 'node-1' },
        status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { operatingSystem: 'linux', architecture: 'amd64' } },
      }),
    ],
    serviceAccounts: [ServiceAccount.parse({ metadata: { name: 'default', namespace: 'shop' } })],
    secrets: login ? [secret] : [],
  };
}
