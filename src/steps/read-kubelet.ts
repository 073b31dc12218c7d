import type { Finding } from '../diagnosis/finding.ts';
import { parseImageReference, repositoryName } from '../diagnosis/image-reference.ts';
import { configurationFindings, logFindings, metricFindings, pullsOneByOne } from '../diagnosis/kubelet-findings.ts';
import { stallFindings } from '../diagnosis/pull-queue.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import { imagesInQuestion } from './images-in-question.ts';
import { attempt, type Reading } from './partial-reading.ts';
import type { ProbeContext } from './step.ts';

const PAGE = 500;
/** How far back the log is read. */
const LOG_MS = 30 * 60_000;
const MOST_LINES = 20;

/**
 * Reads the kubelet's figures, configuration and log, each on its own, and looks for a pull that holds up the node. At most five requests
 * besides the node and the list of pods, which other steps read as well.
 */
export async function readKubelet(context: ProbeContext): Promise<StepResult> {
  const { target, cluster, kubelet, now, signal } = context;
  if (target.node === undefined) return { findings: [] };
  const node = await cluster.readNode(target.node, signal);
  const { name } = node.metadata;
  const since = new Date(now.getTime() - LOG_MS);
  const [samples, configuration, lines] = await Promise.all([
    attempt(() => kubelet.sampleMetrics(node, signal)),
    attempt(() => kubelet.readConfiguration(node, signal)),
    attempt(() => kubelet.readLog(node, { since, words: wordsOf(context), most: MOST_LINES }, signal)),
  ]);
  const oneByOne = configuration.status === 'read' && pullsOneByOne(configuration.value);
  const stall = oneByOne ? await attempt(() => lookForStall(context, name)) : undefined;
  const readings = [samples, configuration, lines, ...(stall ? [stall] : [])];
  const refused = context.findings.some(({ code }) => code === 'pull-error/pull-qps');
  const obstacles = [...new Set(readings.flatMap((reading) => (reading.status === 'refused' ? [reading.because] : [])))];
  return {
    findings: [
      ...(samples.status === 'read' ? metricFindings(samples.value, name) : []),
      ...(configuration.status === 'read' ? configurationFindings(configuration.value, name, refused, now) : []),
      ...(lines.status === 'read' ? logFindings(lines.value, name, now) : []),
      ...(stall?.status === 'read' ? stall.value : []),
      ...forbidden(readings, now),
    ],
    ...(obstacles.length > 0 ? { shortfall: obstacles.join('\n') } : {}),
  };
}

function wordsOf(context: ProbeContext): readonly string[] {
  const images = imagesInQuestion(context).flatMap(({ image }) => {
    const parsed = parseImageReference(image);
    return parsed.status === 'valid' ? [repositoryName(parsed.reference)] : [image];
  });
  return [...new Set([...images, 'credential provider'])];
}

/** Only where a pull hangs is it worth asking for the pulls of the whole cluster. */
async function lookForStall(context: ProbeContext, node: string): Promise<readonly Finding[]> {
  const { cluster, target, now, signal } = context;
  const containers = [
    ...new Set(context.findings.flatMap(({ code, container }) => (code === 'pod/pull-no-progress' ? (container ?? []) : []))),
  ];
  if (containers.length === 0) return [];
  const [all, events] = await Promise.all([
    cluster.listPods({ limit: PAGE }, signal),
    cluster.listEvents({ reason: 'Pulling', limit: PAGE }, signal),
  ]);
  const { pods } = all.more ? await cluster.listPods({ node, limit: PAGE }, signal) : all;
  return stallFindings({ uid: target.uid, node, containers, pods, events }, now);
}

/** That something may not be read is worth a finding of its own: it names the rule that would allow it. */
function forbidden(readings: readonly Reading<unknown>[], now: Date): readonly Finding[] {
  const rules = new Set(
    readings.flatMap((reading) => (reading.status === 'refused' && reading.code === 'kubelet/forbidden' ? [reading.because] : [])),
  );
  return [...rules].map((because) => ({
    code: 'kubelet/forbidden',
    says: because,
    evidence: [
      { source: 'kubelet-configuration', vantage: 'api-server', observedAt: now.toISOString(), text: because.split('\n', 1)[0] ?? because },
    ],
  }));
}
