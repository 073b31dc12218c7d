import {
  checkWanted,
  createTerminalChat,
  diagnose,
  type OpenedCluster,
  openSources,
  type Run,
  type Sources,
  type Wanted,
} from '../../app/app.ts';
import { markdownReport } from '../../report/formats/markdown-report.ts';
import { textReport } from '../../report/formats/text-report.ts';
import { type Report, reportOf, SCHEMA_VERSION, type Selection } from '../../report/report.ts';
import { egressFrom } from '../egress-options.ts';
import { checkNodeProbe, type NodeProbeOptions, withNodeProbe } from '../node-probe.ts';
import { accessOf, type LookOptions } from '../options.ts';
import { type Format, paintFor, print, takesControlCodes, widthOf } from '../output.ts';
import { PROGRAM } from '../program-name.ts';
import { findTargets, searchFor } from '../targets.ts';

/** Options of `imagepull diagnose`. */
export interface DiagnoseOptions extends LookOptions, NodeProbeOptions {
  readonly output: Format;
  readonly selector?: string;
}

/** `imagepull diagnose POD`, `NS/POD`, `KIND/NAME` or `-l SELECTOR`. */
export async function diagnoseCommand(name: string | undefined, options: DiagnoseOptions): Promise<void> {
  const search = searchFor(name, options);
  checkWanted(options);
  checkNodeProbe(options);
  const sources = await sourcesFor(options);
  const found = await findTargets(sources, search);
  const reports: Report[] = [];
  for (const pod of found.pods)
    reports.push(
      await diagnosePod(sources, pod, { wanted: options, now: () => new Date(), further: (run) => withNodeProbe(run, options, sources) }),
    );
  const [report] = reports;
  const { selection } = found;
  if (search.by === 'labels' && selection) await printReports({ selection, reports }, options.output);
  else if (report) await printReport({ ...report, selection }, options.output);
}

/** The real world, as far as the options let a diagnosis see it. */
export function sourcesFor(options: LookOptions): Promise<Sources & OpenedCluster> {
  return openSources({ ...options, ...accessOf(options), ...egressFrom(options) });
}

/** Runs a diagnosis with its progress on standard error. */
export async function diagnosePod(
  sources: Sources,
  pod: { readonly namespace: string; readonly pod: string },
  { further, ...how }: { readonly wanted?: Wanted; readonly now: () => Date; readonly further?: (run: Run) => Promise<Run> },
): Promise<Report> {
  const { stderr } = process;
  const chat = createTerminalChat({ isTTY: takesControlCodes(stderr), columns: widthOf(stderr), write: (text) => stderr.write(text) });
  const before = { kubernetes: sources.cluster.requests(), registry: sources.registry.requests() };
  try {
    const found = await diagnose({ sources, namespace: pod.namespace, pod: pod.pod, chat, ...how });
    chat.clear();
    const run = further === undefined ? found : await further(found);
    const report = reportOf(run, {
      kubernetes: sources.cluster.requests() + sources.kubelet.requests() - before.kubernetes,
      registry: sources.registry.requests() - before.registry,
    });
    return { ...report, more: report.more?.replace(/^imagepull/, PROGRAM) ?? null };
  } finally {
    chat.clear();
  }
}

/** Prints a report on standard output. */
export function printReport(report: Report, format: Format): Promise<void> {
  return print(format === 'json' ? `${JSON.stringify(report, undefined, 2)}\n` : inWords(report, format));
}

/** Prints the reports on several pods, under the sentence that says how they were chosen. */
function printReports(found: { readonly selection: Selection; readonly reports: readonly Report[] }, format: Format): Promise<void> {
  if (format === 'json') return print(`${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...found }, undefined, 2)}\n`);
  return print([`${found.selection.says}\n`, ...found.reports.map((report) => inWords(report, format))].join('\n'));
}

function inWords(report: Report, format: Exclude<Format, 'json'>): string {
  return format === 'markdown' ? markdownReport(report) : textReport(report, paintFor(process.stdout), widthOf(process.stdout));
}
