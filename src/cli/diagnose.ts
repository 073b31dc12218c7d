import { createTerminalChat, diagnose, openCluster } from '../app.ts';
import type { ClusterReader } from '../cluster/cluster.ts';
import { markdownReport } from '../report/markdown-report.ts';
import { type Report, reportOf } from '../report/report.ts';
import { textReport } from '../report/text-report.ts';
import { type Format, paintFor, print, widthOf } from './output.ts';
import { parsePodName } from './pod-name.ts';

/** The options by which every command finds its cluster. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Options of `imagepull diagnose`. */
export interface DiagnoseOptions extends ClusterOptions {
  readonly namespace?: string;
  readonly output: Format;
}

/** `imagepull diagnose NS/POD`. */
export async function diagnoseCommand(name: string, options: DiagnoseOptions): Promise<void> {
  const pod = parsePodName(name, options.namespace);
  const report = await diagnosePod(await openCluster(options), pod, () => new Date());
  await printReport(report, options.output);
}

/** Runs a diagnosis with its progress on standard error. */
export async function diagnosePod(cluster: ClusterReader, pod: { namespace: string; pod: string }, now: () => Date): Promise<Report> {
  const chat = createTerminalChat(process.stderr);
  try {
    const run = await diagnose({ cluster, namespace: pod.namespace, pod: pod.pod, chat, now });
    return reportOf(run, { kubernetes: cluster.requests(), registry: 0 });
  } finally {
    chat.clear();
  }
}

/** Prints a report on standard output. */
export async function printReport(report: Report, format: Format): Promise<void> {
  switch (format) {
    case 'json':
      return print(`${JSON.stringify(report, undefined, 2)}\n`);
    case 'markdown':
      return print(markdownReport(report));
    case 'text':
      return print(textReport(report, paintFor(process.stdout), widthOf(process.stdout)));
    default:
      return format satisfies never;
  }
}
