import type { KubeletConfiguration, KubeletSample, Quantile } from '../../facts/kubernetes/kubelet-reading.ts';
import { logNames, mentionOf, newestOfEachKind } from '../../facts/log-mentions.ts';
import { figuresOf, type PullFigures } from '../../facts/pull-figures.ts';
import { count, duration, list } from '../../text/wording.ts';
import { observed } from '../evidence.ts';
import type { Finding, FindingCode } from '../finding.ts';

/** A pull of this length, or an operation of the runtime or sync of a pod, is slow. In seconds. */
const SLOW_PULL_S = 120;
const SLOW_OPERATION_S = 2;
const SLOW_SYNC_S = 30;
/** With fewer pulls of a size, how long half of them take says nothing. */
const LEAST_PULLS = 5;
/** Shares of failed pulls at which the node, and not one image, looks ill. */
const FINE_SHARE = 0.05;
const DEFAULT_PULL_QPS = 5;
const DEFAULT_BURST = 10;
/** Nobody raises the rate further for want of it. */
const HIGH_PULL_QPS = 50;

/** What the kubelet's figures say: since it started and, beside earlier figures of the same run of it, of late. */
export function metricFindings(last: KubeletSample, before: PullFigures | undefined, node: string): readonly Finding[] {
  const say = (code: FindingCode, says: string, text: string): Finding => ({
    code,
    says,
    evidence: [observed('kubelet-metrics', { from: 'node', at: last.at, text })],
  });
  return [
    ...pullErrorFindings(last, before, node, say),
    ...slowPulls(last, node, say),
    ...evictions(last, node, say),
    ...latencies(last, node, say),
  ];
}

type Say = (code: FindingCode, says: string, text: string) => Finding;

/** The counters have no image label, so they speak of the node as a whole. */
function pullErrorFindings(last: KubeletSample, before: PullFigures | undefined, node: string, say: Say): readonly Finding[] {
  const { pulls, pullErrors } = last;
  if (pulls === undefined || pullErrors === undefined || pulls === 0) return [];
  const text = `kubelet_runtime_operations_total{operation_type="pull_image"} ${pulls}, errors ${pullErrors}`;
  const recent = recentErrors(before, last);
  const start = `since its kubelet started${last.startedAt === undefined ? '' : ` ${duration(Date.parse(last.at) - Date.parse(last.startedAt))} ago`}`;
  if (pullErrors / pulls <= FINE_SHARE && !recent?.errors)
    return [
      say('kubelet/pulls-fine', `Of ${count(pulls, 'pull')} on ${node} ${start}, ${pullErrors} failed${recent ? recent.words : ''}.`, text),
    ];
  return [
    say(
      'kubelet/pull-errors',
      `Of ${count(pulls, 'pull')} on ${node} ${start}, ${pullErrors} failed${recent ? recent.words : ''}. The figures do not say which images.`,
      text,
    ),
  ];
}

function recentErrors(
  before: PullFigures | undefined,
  last: KubeletSample,
): { readonly errors: number; readonly words: string } | undefined {
  const now = figuresOf(last);
  if (!before || !now) return undefined;
  const pulls = now.pulls - before.pulls;
  const errors = now.pullErrors - before.pullErrors;
  // Where nothing was pulled, nothing is to be said; a restarted kubelet counts from zero.
  if (pulls <= 0 || errors < 0) return undefined;
  const span = duration(Date.parse(now.at) - Date.parse(before.at));
  return { errors, words: `; within the last ${span}, ${errors} of ${pulls}` };
}

function slowPulls(sample: KubeletSample, node: string, say: Say): readonly Finding[] {
  const slow = Object.entries(sample.pullDurations).filter(([, { count: pulls, p95 }]) => pulls >= LEAST_PULLS && p95.value >= SLOW_PULL_S);
  if (slow.length === 0) return [];
  const words = slow.map(
    ([size, { count: pulls, median, p95 }]) =>
      `${size}: half within ${seconds(median)}, 95 % within ${seconds(p95)} (${count(pulls, 'pull')})`,
  );
  return [
    say(
      'kubelet/slow-pulls',
      `Successful pulls on ${node} are slow, the wait for others included, by size of the image: ${list(words)}.`,
      words.join('; '),
    ),
  ];
}

function seconds(figure: Quantile): string {
  const words = figure.value < 10 ? `${figure.value.toFixed(1)} s` : duration(figure.value * 1000);
  return figure.atLeast ? `more than ${words}` : words;
}

function evictions(sample: KubeletSample, node: string, say: Say): readonly Finding[] {
  const signals = Object.entries(sample.evictions).filter(([signal, times]) => times > 0 && /fs\./.test(signal));
  if (signals.length === 0) return [];
  const words = list(signals.map(([signal, times]) => `${times} for ${signal}`));
  return [
    say(
      'kubelet/evictions',
      `The kubelet of ${node} evicted pods for want of disk since it started: ${words}.`,
      `kubelet_evictions: ${words}`,
    ),
  ];
}

function latencies(sample: KubeletSample, node: string, say: Say): readonly Finding[] {
  const found: Finding[] = [];
  const [slowest] = Object.entries(sample.runtimeOperations)
    .map(([name, p95]) => ({ name, ...p95 }))
    .sort((one, other) => other.value - one.value);
  if (slowest && slowest.value >= SLOW_OPERATION_S)
    found.push(
      say(
        'kubelet/runtime-slow',
        `The container runtime of ${node} answers slowly: 95 % of its ${slowest.name} calls take up to ${seconds(slowest)}.`,
        `${slowest.name} p95 ${slowest.value.toFixed(1)} s`,
      ),
    );
  const sync = sample.podSync;
  if (sync && sync.value >= SLOW_SYNC_S)
    found.push(
      say(
        'kubelet/sync-slow',
        `The kubelet of ${node} is slow to get round to its pods: 95 % of its rounds take up to ${seconds(sync)}. Pulls that hang do that.`,
        `pod worker sync p95 ${sync.value.toFixed(1)} s`,
      ),
    );
  return found;
}

/** How the kubelet is set to pull. `refused` tells that pulls ran into its own rate limit. */
export function configurationFindings(configuration: KubeletConfiguration, node: string, refused: boolean, now: Date): readonly Finding[] {
  const { serializeImagePulls, maxParallelImagePulls, registryPullQPS, registryBurst } = configuration;
  const say = (code: FindingCode, says: string, text: string): Finding => ({
    code,
    says,
    evidence: [observed('kubelet-configuration', { from: 'node', at: now, text })],
  });
  const found = [
    pullsOneByOne(configuration)
      ? say(
          'kubelet/serialized-pulls',
          `The kubelet of ${node} pulls one image at a time.`,
          `serializeImagePulls ${serializeImagePulls ?? true}, maxParallelImagePulls ${maxParallelImagePulls ?? 'unset'}`,
        )
      : say(
          'kubelet/parallel-pulls',
          `The kubelet of ${node} pulls ${maxParallelImagePulls ? `up to ${maxParallelImagePulls} images` : 'any number of images'} at a time.`,
          `serializeImagePulls ${serializeImagePulls}`,
        ),
  ];
  const keeps = cleanup(configuration, node);
  if (keeps !== undefined) found.push(say('kubelet/cleanup', keeps, 'imageGC thresholds, containerLogMaxSize, containerLogMaxFiles'));
  const policy = configuration.imagePullCredentialsVerificationPolicy;
  if (policy && policy !== 'NeverVerify')
    found.push(
      say(
        'kubelet/verifies-credentials',
        `The kubelet of ${node} does not hand an image that is there to a pod without the login it was pulled with (${policy}); it asks the registry again.`,
        `imagePullCredentialsVerificationPolicy ${policy}`,
      ),
    );
  const qps = registryPullQPS ?? DEFAULT_PULL_QPS;
  if (refused && qps > 0 && qps <= HIGH_PULL_QPS)
    found.push(
      say(
        'kubelet/low-pull-rate',
        `The kubelet of ${node} starts at most ${qps} pulls a second, ${registryBurst ?? DEFAULT_BURST} at once; whatever exceeds that fails with "pull QPS exceeded".`,
        `registryPullQPS ${qps}, registryBurst ${registryBurst ?? DEFAULT_BURST}`,
      ),
    );
  return found;
}

/** When the kubelet removes images, and how many logs it keeps: what fills a disk, or empties it. */
function cleanup(configuration: KubeletConfiguration, node: string): string | undefined {
  const {
    imageGCHighThresholdPercent: high,
    imageGCLowThresholdPercent: low,
    containerLogMaxSize: size,
    containerLogMaxFiles: files,
  } = configuration;
  const images = high == null || low == null ? [] : [`removes unused images once the disk is ${high} % full, until it is ${low} %`];
  const logs = size == null || files == null ? [] : [`keeps up to ${files} log files of ${size} for each container`];
  const parts = [...images, ...logs];
  return parts.length > 0 ? `The kubelet of ${node} ${parts.join(', and ')}.` : undefined;
}

/** True unless the configuration says otherwise: serializing is the default. */
export function pullsOneByOne({ serializeImagePulls, maxParallelImagePulls }: KubeletConfiguration): boolean {
  return (serializeImagePulls ?? true) || maxParallelImagePulls === 1;
}

/** Lines shown of what a log says; the newest. */
const SHOWN = { plugin: 3, image: 5 } as const;

/** True for a line that tells that a plugin could not fetch credentials. */
export function tellsOfPlugin(line: string): boolean {
  return /credential provider/i.test(line) && /\b(?:fail|error|unable|denied|timed out)/i.test(line);
}

/** What the log says about the images, by their exact names, and about the plugins that fetch credentials. */
export function logFindings(
  log: { readonly lines: readonly string[]; readonly images: readonly string[] },
  node: string,
  now: Date,
): readonly Finding[] {
  const names = log.images.flatMap(logNames);
  const plugin = newestOfEachKind(log.lines.filter(tellsOfPlugin));
  const about = newestOfEachKind(log.lines.filter((line) => !tellsOfPlugin(line) && mentionOf(line, names) >= 0));
  const say = (code: FindingCode, says: string, shown: readonly string[]): Finding => ({
    code,
    says,
    evidence: shown.map((line) => observed('kubelet-log', { from: 'node', at: now, text: line })),
  });
  return [
    ...(plugin.length > 0
      ? [
          say(
            'kubelet/credential-provider-failed',
            `The kubelet of ${node} logs that a credential provider failed.`,
            plugin.slice(-SHOWN.plugin),
          ),
        ]
      : []),
    ...(about.length > 0
      ? [
          say(
            'kubelet/log-lines',
            `The logs of the kubelet and the runtime on ${node} mention ${log.images.length === 1 ? 'this image' : 'these images'}.`,
            about.slice(-SHOWN.image),
          ),
        ]
      : []),
  ];
}
