import { conditionFindings, diskFindings, imageFindings, imageSpace, unusedFindings } from '../diagnosis/node/node-findings.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import { asCodedError } from '../errors.ts';
import type { Pod } from '../facts/kubernetes/kubernetes-object.ts';
import { imagesInQuestion } from './images-in-question.ts';
import { attempt } from './partial-reading.ts';
import type { ProbeContext } from './step.ts';

const PAGE = 500;

/**
 * Looks at the target's node: its conditions, its disks by the kubelet's figures, its images and which of them nobody uses.
 * Two requests more than the other steps make anyway: the node and the kubelet's stats.
 */
export async function readNode(context: ProbeContext): Promise<StepResult> {
  const { target, cluster, kubelet, now, signal } = context;
  if (target.node === undefined) return { findings: [] };
  const node = await cluster.readNode(target.node, signal);
  const [stats, pods] = await Promise.all([
    attempt(() => kubelet.readStats(node, signal)),
    attempt(() => podsOfNode(context, node.metadata.name)),
  ]);
  const wanted = imagesInQuestion(context);
  const shortfalls = [stats, pods].flatMap((reading) => (reading.status === 'refused' ? [reading.because] : []));
  return {
    findings: [
      ...conditionFindings(node, now),
      ...(stats.status === 'read' ? diskFindings(stats.value, node, now) : []),
      ...imageFindings(node, wanted, now),
      ...(pods.status === 'read' && pods.value !== undefined ? unusedFindings(node, pods.value, now) : []),
    ],
    ...(stats.status === 'read' ? imageSpace(stats.value) : {}),
    ...(shortfalls.length > 0 ? { shortfall: shortfalls.join('\n') } : {}),
  };
}

/** The same lists that the step about other pods reads, so that the request is shared; undefined when they may not be read. */
async function podsOfNode({ cluster, signal }: ProbeContext, node: string): Promise<readonly Pod[] | undefined> {
  try {
    const all = await cluster.listPods({ limit: PAGE }, signal);
    const page = all.more ? await cluster.listPods({ node, limit: PAGE }, signal) : all;
    // With more pods than a page nobody knows which images are unused.
    return page.more ? undefined : page.pods.filter((pod) => pod.spec.nodeName === node);
  } catch (cause) {
    // The step about other pods tells that they may not be listed.
    if (asCodedError(cause).code === 'cluster/forbidden') return undefined;
    throw cause;
  }
}
