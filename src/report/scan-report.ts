import { count, list } from '../diagnosis/wording.ts';
import type { FailingContainer, FailureCluster, Scan } from '../incident/grouping.ts';
import { hanging, headline, type Paint, readableWidth } from './layout.ts';
import { printable } from './printable.ts';
import type { SCHEMA_VERSION } from './report.ts';

/** The result of `imagepull scan`, as `-o json` prints it. */
export interface ScanReport extends Scan {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly requests: { readonly kubernetes: number; readonly registry: number };
}

const MOST_SHOWN = 5;

/** A scan for a terminal: one block a root cause, the most pods first. `program` is what it names in the commands to go on with. */
export function scanText(report: Scan, paint: Paint, width: number, program = 'imagepull'): string {
  const { groups, lookedAt } = printable(report);
  const columns = readableWidth(width);
  const looked = `${count(lookedAt.pods, 'pod')} on ${count(lookedAt.nodes, 'node')} in ${lookedAt.where}${lookedAt.complete ? '' : '; there are more than were read'}`;
  if (groups.length === 0) return `${paint.good('✓')} ${paint.strong('Every container has its image')} ${paint.faint(`(${looked})`)}\n`;
  const pods = new Set(groups.flatMap((group) => group.containers.map(podOf)));
  const head = `${paint.strong(`${count(pods.size, 'pod')} cannot pull an image, for ${count(groups.length, 'reason')}`)} ${paint.faint(`(${looked})`)}`;
  return `${[head, '', ...groups.flatMap((group) => block(group, paint, columns, program))].join('\n')}`;
}

function block(group: FailureCluster, paint: Paint, width: number, program: string): readonly string[] {
  const { containers } = group;
  const nodes = [...new Set(containers.map((container) => container.node || 'no node'))].sort();
  const workloads = [...new Set(containers.map((container) => `${container.namespace}/${container.workload}`))];
  const whose = workloads.length === 1 ? `of ${workloads[0]}` : `of ${count(workloads.length, 'workload')}`;
  return [
    ...headline(paint.bad('✗'), group.title, paint, width),
    ...hanging(
      '  ',
      `${group.cause}, ${group.confidence}. ${count(new Set(containers.map(podOf)).size, 'pod')} ${whose} on ${list(nodes)}.`,
      width,
    ),
    ...containers
      .slice(0, MOST_SHOWN)
      .map((container) => `    ${podOf(container)}  ${paint.faint(`${container.container}: ${container.image}`)}`),
    ...(containers.length > MOST_SHOWN ? [paint.faint(`    and ${containers.length - MOST_SHOWN} more`)] : []),
    `    ${paint.command(`${program} diagnose ${containers[0] ? podOf(containers[0]) : ''}`)}`,
    '',
  ];
}

function podOf(container: FailingContainer): string {
  return `${container.namespace}/${container.pod}`;
}
