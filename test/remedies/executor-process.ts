import { createInterface } from 'node:readline';
import { KubeConfig } from '@kubernetes/client-node';
import { createAuditLog } from '../../src/audit/log/audit-log.ts';
import { createNoKubelet } from '../../src/cluster/kubelet/no-kubelet.ts';
import { createKubernetesCluster } from '../../src/cluster/kubernetes-cluster.ts';
import { createKubernetesWriter } from '../../src/cluster/writing/kubernetes-writer.ts';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import { createExecutor } from '../../src/executor/executor.ts';
import { applyEvent } from '../../src/runbook/run.ts';
import { sha256, signerOf, verifierOf } from '../../src/signing/ed25519.ts';
import { openRedis } from '../../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis/redis-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { classify } from '../support/rules.ts';
import { BOT_NAMESPACE } from './applications.ts';
import { HeldQueue } from './held-queue.ts';
import { CLUSTER, digestOf, POLICY, registryOf } from './plan-world.ts';

// An executor as a process of its own, to be killed: for each line `PLAN TIME` it carries out a plan, and says how that went.

const [redisUrl = '', prefix = '', apiUrl = ''] = process.argv.slice(2);
const { EXECUTOR_KEY = '', EXECUTOR_PUBLIC = '', GATEWAY_PUBLIC = '' } = process.env;
const config = new KubeConfig();
config.loadFromString(kubeconfigFor(apiUrl));
const store = createRedisStore({ redis: openRedis(redisUrl), prefix, leaseMs: 500 });
const sign = signerOf(EXECUTOR_KEY);
let now = new Date();
const executor = createExecutor({
  store,
  queue: new HeldQueue(),
  clusters: {
    [CLUSTER]: {
      writer: createKubernetesWriter(config, { called: CLUSTER, holder: 'executor' }),
      sources: {
        cluster: createKubernetesCluster(config, { called: CLUSTER, holder: 'prover' }),
        kubelet: createNoKubelet(),
        registry: registryOf(digestOf, new Set()),
      },
      mayReadSecrets: true,
      namespace: BOT_NAMESPACE,
      approver: 'off',
    },
  },
  classify,
  policy: POLICY,
  sign,
  verify: { gateway: verifierOf(GATEWAY_PUBLIC), executor: verifierOf(EXECUTOR_PUBLIC) },
  hash: sha256,
  groupsOf: () => [],
  perHour: 1_000,
  audit: createAuditLog({ store, sign, hash: sha256, log: SILENT }),
  async tell({ runId }, event) {
    if (event) await store.runs.update(runId, (run) => applyEvent(run, { ...event, at: now.toISOString() }));
  },
  log: SILENT,
  now: () => now,
});

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [planId = '', at = ''] = line.split(' ');
  now = new Date(at);
  await executor.perform({ kind: 'apply', cluster: CLUSTER, planId, delayMs: 0 });
  console.log((await store.plans.read(planId)).execution?.status ?? 'nothing');
}
