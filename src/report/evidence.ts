import type { Evidence } from '../diagnosis/evidence.ts';
import type { Finding } from '../diagnosis/finding.ts';
import type { Report } from './report.ts';

/** What speaks for the cause, what against it, and what is worth knowing beside it. */
export const MARKS: readonly (readonly [mark: string, sentences: (report: Report) => readonly string[]])[] = [
  ['+', (report) => report.verdict.because],
  ['-', (report) => report.verdict.against],
  ['·', (report) => report.verdict.context],
];

/** The first finding for each sentence, in the order in which they were found. */
export function distinctFindings(report: Report, sentences: readonly string[]): readonly Finding[] {
  const wanted = new Set(sentences);
  return report.findings.filter((finding) => wanted.delete(finding.says));
}

/** The same message backs several findings; it is printed once. */
export function isNewEvidence(item: Evidence, shown: Set<string>, finding: Finding): boolean {
  if (item.source === 'pod-spec' || finding.says.includes(item.text) || shown.has(item.text)) return false;
  shown.add(item.text);
  return true;
}

/** Who says so; the kubelet's word is about the target's node, everything else about itself. */
const SOURCES: Readonly<Record<Evidence['source'], string>> = {
  'pod-event': 'event of the kubelet',
  'pod-status': 'status of the container',
  'pod-spec': 'pod',
  'pod-list': 'status of that pod',
  'service-account': 'service account',
  'pull-secret': 'pull secret',
  registry: 'asked by imagepull',
  endpoint: 'tried by imagepull',
  node: 'node',
  'kubelet-metrics': 'metrics of the kubelet',
  'kubelet-configuration': 'configuration of the kubelet',
  'kubelet-log': 'log',
};
const OF_THE_NODE: ReadonlySet<Evidence['source']> = new Set([
  'pod-event',
  'pod-status',
  'kubelet-metrics',
  'kubelet-configuration',
  'kubelet-log',
]);

/** Who says so, and on which node where it is about one. */
export function evidenceSource(item: Evidence, report: Report): string {
  return SOURCES[item.source] + (report.target.node && OF_THE_NODE.has(item.source) ? ` on ${report.target.node}` : '');
}
