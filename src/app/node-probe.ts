import { randomUUID } from 'node:crypto';
import type { KubernetesAccess } from '../cluster/kubeconfig.ts';
import type { ObjectWriter } from '../cluster/writing/object-writer.ts';
import { probeFindings } from '../diagnosis/node-task/probe-findings.ts';
import { asCodedError } from '../errors.ts';
import { runNodeTask } from '../node-task/run-node-task.ts';
import { runtimeEndpoint } from '../node-task/runtime-endpoint.ts';
import type { TaskPlace } from '../node-task/task-pod.ts';
import type { Run } from '../runbook/run.ts';
import { seenFromNode } from '../runbook/seen-from-node.ts';
import type { Sources } from '../steps/step.ts';
import { SILENT } from '../telemetry/log.ts';
import { loadCauses } from './runbooks.ts';

/** How a node is probed for a run. */
export interface NodeProbe {
  readonly objects: ObjectWriter;
  /** Who knows the socket of the node's runtime, if anybody does. */
  readonly sources?: Pick<Sources, 'cluster' | 'kubelet'>;
  readonly place: TaskPlace;
  readonly allowLoopback: boolean;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** A run as a probe of its node leaves it. */
export interface Probed {
  readonly run: Run;
  /** Why the node was not looked at from itself; the run is then as it was. */
  readonly because?: string;
}

/** Whom to ask with the rights of a kubeconfig. Throws what openCluster throws. */
export async function openWriter(access: KubernetesAccess): Promise<ObjectWriter> {
  const [{ loadKubeConfig }, { createKubernetesWriter }] = await Promise.all([
    import('../cluster/kubeconfig.ts'),
    import('../cluster/writing/kubernetes-writer.ts'),
  ]);
  return createKubernetesWriter(await loadKubeConfig(access), { ...access, reload: () => loadKubeConfig(access) });
}

/** Looks from the node of a finished run's pod at what the pull needs, and judges anew with that. Throws nothing that a cluster says. */
export async function probeFromNode(run: Run, { objects, sources, place, allowLoopback, now, signal }: NodeProbe): Promise<Probed> {
  const { node, images } = run.target;
  const image = images.find(({ name }) => name === run.conclusion?.container);
  if (node === undefined) return { run, because: 'The pod is on no node yet.' };
  if (image === undefined) return { run, because: 'No image of the pod fails.' };
  const work = { kind: 'probe', image: image.image, allowLoopback } as const;
  const order = { name: `imagepull-probe-${randomUUID().slice(0, 8)}`, node, kind: work.kind, work: async () => work };
  try {
    const endpoint = sources && (() => runtimeEndpoint(node, sources, signal));
    const result = await runNodeTask(
      { ...order, ...(endpoint === undefined ? {} : { endpoint }) },
      { objects, place, log: SILENT, now, signal },
    );
    if (result.status === 'failed') return { run, because: result.because };
    if (result.status === 'no-image')
      return { run, because: `${node} could not pull ${result.image} either, which the probe is in: ${result.message}` };
    if (result.document.kind !== 'probe') return { run, because: 'What its program printed is no probe.' };
    return { run: seenFromNode(run, probeFindings(result.document, { node, container: image.name }), node, loadCauses()) };
  } catch (cause) {
    return { run, because: asCodedError(cause).message };
  }
}
