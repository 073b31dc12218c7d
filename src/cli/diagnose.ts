import { createTerminalChat, diagnose, openSources, type Sources, type Wanted } from '../app.ts';
import type { KubeletAccess } from '../cluster/cluster.ts';
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

/** The options that say how far a diagnosis may look around. */
export interface LookOptions extends ClusterOptions {
  readonly namespace?: string;
  readonly registry: boolean;
  readonly secrets: boolean;
  readonly only?: string;
  readonly kubelet: KubeletAccess;
  readonly prometheus?: string;
  readonly kubeletAnyCertificate?: boolean;
  readonly allowLoopback?: boolean;
}

/** Options of `imagepull diagnose`. */
export interface DiagnoseOptions extends LookOptions {
  readonly output: Format;
}

/** `imagepull diagnose NS/POD`. */
export async function diagnoseCommand(name: string, options: DiagnoseOptions): Promise<void> {
  const pod = parsePodName(name, options.namespace);
  const report = await diagnosePod(await sourcesFor(options), pod, { wanted: options, now: () => new Date() });
  await printReport(report, options.output);
}

/** The real world, as far as the options let a diagnosis see it. */
export function sourcesFor(options: LookOptions): Promise<Sources> {
  return openSources({ ...options, allowLoopback: options.allowLoopback ?? false });
}

/** Runs a diagnosis with its progress on standard error. */
export async function diagnosePod(
  sources: Sources,
  pod: { readonly namespace: string; readonly pod: string },
  how: { readonly wanted?: Wanted; readonly now: () => Date },
): Promise<Report> {
  const chat = createTerminalChat(process.stderr);
  try {
    const run = await diagnose({ sources, namespace: pod.namespace, pod: pod.pod, chat, ...how });
    return reportOf(run, { kubernetes: sources.cluster.requests() + sources.kubelet.requests(), registry: sources.registry.requests() });
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
