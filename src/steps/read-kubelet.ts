import type { LogQuery } from '../cluster/cluster.ts';
import { observed } from '../diagnosis/evidence.ts';
import type { Finding } from '../diagnosis/finding.ts';
import { configurationFindings, logFindings, metricFindings, pullsOneByOne, tellsOfPlugin } from '../diagnosis/node/kubelet-findings.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import { asCodedError } from '../errors.ts';
import { parseImageReference, repositoryName } from '../facts/image-reference.ts';
import { Node } from '../facts/kubernetes/kubernetes-object.ts';
import { logNames, mentionOf } from '../facts/log-mentions.ts';
import { baselineFor, figuresOf, withFigures } from '../facts/pull-figures.ts';
import { findBlockingPull } from './find-blocking-pull.ts';
import { imagesInQuestion } from './images-in-question.ts';
import { attempt, type Reading } from './partial-reading.ts';
import type { ProbeContext } from './step.ts';

/** How far back the log is read. */
const LOG_MS = 30 * 60_000;
const MAX_KINDS = 20;
/** For each reading, so that one that hangs takes no other along. */
const READING_MS = 12_000;

/**
 * Reads the kubelet's figures, configuration and log, each on its own, and looks for a pull that holds up the node: four requests, or five
 * where the log is a file, besides the node and those of the search.
 */
export async function readKubelet(context: ProbeContext): Promise<StepResult> {
  const { kubelet, now } = context;
  const node = await nodeOf(context);
  if (!node) return { findings: [] };
  const { name } = node.metadata;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(READING_MS)]);
  const images = [...new Set(imagesInQuestion(context).map(({ image }) => image))];
  const names = images.flatMap(logNames);
  const log: LogQuery = {
    since: new Date(now.getTime() - LOG_MS),
    words: [...new Set(images.flatMap(repositoryWords)), 'credential provider'],
    counts: (line) => tellsOfPlugin(line) || mentionOf(line, names) >= 0,
    most: MAX_KINDS,
  };
  const [figures, [configuration, stall], lines] = await Promise.all([
    attempt(() => readFigures(context, node, signal)),
    readLine(context, node, signal),
    attempt(() => kubelet.readLog(node, log, signal)),
  ]);
  const readings = [figures, configuration, lines, ...(stall ? [stall] : [])];
  const refused = context.findings.some(({ code }) => code === 'pull-error/pull-qps');
  const obstacles = [...new Set(readings.flatMap((reading) => (reading.status === 'refused' ? [reading.because] : [])))];
  return {
    findings: [
      ...(figures.status === 'read' ? figures.value : []),
      ...(configuration.status === 'read' ? configurationFindings(configuration.value, name, refused, now) : []),
      ...(lines.status === 'read' ? logFindings({ lines: lines.value, images }, name, now) : []),
      ...(stall?.status === 'read' ? stall.value : []),
      ...forbidden(readings, now),
    ],
    ...(obstacles.length > 0 ? { shortfall: obstacles.join('\n') } : {}),
  };
}

/** What the kubelet's figures say now, beside those that it, Prometheus or an earlier run knows of before. */
async function readFigures({ kubelet, history }: ProbeContext, node: Node, signal: AbortSignal): Promise<readonly Finding[]> {
  const { name } = node.metadata;
  const [samples, kept] = await Promise.all([kubelet.sampleMetrics(node, signal), history.read(name)]);
  const last = samples.at(-1);
  if (!last) return [];
  const earlier = samples.slice(0, -1).flatMap((sample) => figuresOf(sample) ?? []);
  const keep = withFigures(kept, last);
  if (keep !== kept) await history.keep(name, keep);
  return metricFindings(last, baselineFor(last, [...kept, ...earlier]), name);
}

/** The kubelet's configuration and, where it pulls one image at a time, whether another pull is in the way. */
async function readLine(context: ProbeContext, node: Node, signal: AbortSignal) {
  const configuration = await attempt(() => context.kubelet.readConfiguration(node, signal));
  const oneByOne = configuration.status === 'read' && pullsOneByOne(configuration.value);
  const stall = oneByOne ? await attempt(() => findBlockingPull(context, node.metadata.name)) : undefined;
  return [configuration, stall] as const;
}

/** By way of the API server or of Prometheus the node's name is enough, so the right to read nodes is not needed. */
async function nodeOf({ target, cluster, kubelet, signal }: ProbeContext): Promise<Node | undefined> {
  if (target.node === undefined) return undefined;
  try {
    return await cluster.readNode(target.node, signal);
  } catch (cause) {
    if (asCodedError(cause).code !== 'cluster/forbidden' || kubelet.access === 'direct') throw cause;
    return Node.parse({ metadata: { name: target.node } });
  }
}

/** The repository of an image, as the runtime and as people write it: `docker.io/library/nginx` and `nginx`. Recordings know logs by these words. */
function repositoryWords(image: string): readonly string[] {
  const parsed = parseImageReference(image);
  const written = image.replace(/@.*$/s, '').replace(/:[^:/]*$/, '');
  return parsed.status === 'valid' ? [repositoryName(parsed.reference), written] : [image];
}

/** That something may not be read is worth a finding of its own: it names the rule that would allow it. */
function forbidden(readings: readonly Reading<unknown>[], now: Date): readonly Finding[] {
  const rules = new Set(
    readings.flatMap((reading) => (reading.status === 'refused' && reading.code === 'kubelet/forbidden' ? [reading.because] : [])),
  );
  return [...rules].map((because) => ({
    code: 'kubelet/forbidden',
    says: because,
    evidence: [observed('kubelet-configuration', { from: 'api-server', at: now, text: because.split('\n', 1)[0] ?? because })],
  }));
}
