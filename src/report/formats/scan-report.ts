import { workloadWords } from '../../diagnosis/scope-words.ts';
import type { CauseGroup, FailingContainer, Scan } from '../../scan/grouping.ts';
import { printable } from '../../text/printable.ts';
import { count, list, shortened } from '../../text/wording.ts';
import { hanging, headline, type Paint, readableWidth } from '../layout.ts';
import type { SCHEMA_VERSION } from '../report.ts';

/** The result of `imagepull scan`, as `-o json` prints it. */
export interface ScanReport extends Scan {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly requests: { readonly kubernetes: number; readonly registry: number };
}

const MAX_SHOWN = 5;
/** Of a message that no rule knows: enough to recognise it. */
const MAX_MESSAGE = 300;

/** A scan for a terminal: one block a root cause, the most pods first. `program` is what it names in the commands to go on with. */
export function scanText(report: Scan, paint: Paint, width: number, program = 'imagepull'): string {
  const { groups, lookedAt, shortfalls } = printable(report);
  const columns = readableWidth(width);
  const looked = `${count(lookedAt.pods, 'pod')} on ${count(lookedAt.nodes, 'node')} in ${lookedAt.where}${lookedAt.complete ? '' : '; there are more than were read'}`;
  const missed =
    shortfalls.length === 0 ? [] : [paint.strong('Not checked'), ...shortfalls.flatMap((says) => hanging('  ! ', says, columns)), ''];
  if (groups.length === 0)
    return `${[`${paint.good('✓')} ${paint.strong('No pull fails')} ${paint.faint(`(${looked})`)}`, ...missed].join('\n').trimEnd()}\n`;
  const pods = new Set(groups.flatMap((group) => group.containers.map(podOf)));
  const hangs = groups.some((group) => group.containers.some(({ symptom }) => symptom === undefined));
  const waits = hangs ? `, or ${pods.size === 1 ? 'has' : 'have'} waited for one for minutes` : '';
  const head = `${paint.strong(`${count(pods.size, 'pod')} cannot pull an image${waits}, for ${count(groups.length, 'reason')}`)} ${paint.faint(`(${looked})`)}`;
  return [head, '', ...groups.flatMap((group) => block(group, paint, columns, program)), ...missed].join('\n');
}

function block(group: CauseGroup, paint: Paint, width: number, program: string): readonly string[] {
  const { containers } = group;
  const nodes = [...new Set(containers.map((container) => container.node || 'no node'))].sort();
  const workloads = [...new Set(containers.map((container) => `${container.namespace}/${container.workload}`))];
  const [only = ''] = workloads;
  const isBare = workloads.every((workload) => workload.includes('/Pod/'));
  const whose = isBare ? '' : ` of ${workloads.length === 1 ? workloadWords(only) : count(workloads.length, 'workload')}`;
  return [
    ...headline(paint.bad('✗'), group.title, paint, width),
    ...hanging(
      '  ',
      `${group.cause}, ${group.confidence}. ${count(new Set(containers.map(podOf)).size, isBare ? 'bare pod' : 'pod')}${whose} on ${list(nodes)}${secretsOf(group)}.`,
      width,
    ),
    ...(group.cause === 'undetermined' ? hanging('  | ', shortened(containers[0]?.message ?? '', MAX_MESSAGE), width) : []),
    ...containers
      .slice(0, MAX_SHOWN)
      .map((container) => `    ${podOf(container)}  ${paint.faint(`${container.container}: ${container.image}`)}`),
    ...(containers.length > MAX_SHOWN ? [paint.faint(`    and ${containers.length - MAX_SHOWN} more`)] : []),
    `    ${paint.command(`${program} diagnose ${containers[0] ? podOf(containers[0]) : ''}`)}`,
    '',
  ];
}

/** Which pull secrets the pods name, where that is what a group is about. */
function secretsOf({ family, containers }: CauseGroup): string {
  const names = [...new Set(containers.flatMap(({ pullSecrets }) => pullSecrets))].sort();
  if (family !== 'credentials' || names.length === 0) return '';
  return ` with the pull ${names.length === 1 ? 'secret' : 'secrets'} ${list(names)}`;
}

function podOf(container: FailingContainer): string {
  return `${container.namespace}/${container.pod}`;
}
