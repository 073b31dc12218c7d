/**
 * `node one-task.ts NAME NODE NAMESPACE IMAGE REGISTRY-IMAGE`: one pull as a node task, in a process that can be killed. KUBECONFIG names the cluster and
 * whose rights it has.
 */
import { KubeConfig } from '@kubernetes/client-node';
import { createKubernetesWriter } from '../../../src/cluster/writing/kubernetes-writer.ts';
import { runNodeTask } from '../../../src/node-task/run-node-task.ts';
import { SILENT } from '../../../src/telemetry/log.ts';

const [, , name = '', node = '', namespace = '', image = '', pulled = ''] = process.argv;
const config = new KubeConfig();
config.loadFromDefault();
const objects = createKubernetesWriter(config, {});
const work = { kind: 'pull', image: pulled, allowLoopback: true, login: '{"username":"ann","password":"secret"}' } as const;
const result = await runNodeTask(
  { name, node, kind: work.kind, work: async () => work },
  { objects, place: { namespace, image }, log: SILENT, now: () => new Date(), signal: new AbortController().signal },
);
process.stdout.write(`${JSON.stringify(result)}\n`);
