import type { Incident } from '../../incident/incident.ts';
import type { MemberCounts } from '../../incident/members.ts';
import type { Inline } from '../../incident/message.ts';
import { count, duration, list } from '../../text/wording.ts';
import { leadFailure, type Report } from '../report.ts';

/** More names than this are counted. */
const MAX_NAMES = 2;

/** How sure, which pods, since when, and when the kubelet tries again. */
export function factsOf(report: Report, incident: Incident, members: MemberCounts | undefined): readonly Inline[] {
  const { verdict, retry } = report;
  const since = incident.since ?? leadFailure(report)?.since;
  const parts: (readonly Inline[])[] = [
    ...(verdict.cause === null ? [] : [[{ kind: 'code', text: verdict.cause }, ` ${verdict.confidence}`] as const]),
    [reachOf(report, incident, members)],
    ...backWords(incident).map((words) => [words] as const),
    ...(since === undefined ? [] : [['since ', minute(since)] as const]),
    ...(retry?.at !== undefined && retry.at > report.at ? [['next try ', minute(retry.at)] as const] : []),
  ];
  return parts.flatMap((part, at) => (at === 0 ? part : [' · ', ...part]));
}

/** `back after 12 min`, of an incident that had ended. */
export function backWords({ life }: Incident): readonly string[] {
  if (life.status !== 'reopened' || life.resolvedAt === undefined) return [];
  return [`back after ${duration(Date.parse(life.at) - Date.parse(life.resolvedAt))}`];
}

/**
 * `14 pods of Deployment shop/web on 6 nodes`; of one pod its name, and where the same image runs. Of what belongs to the incident only
 * its own namespace is named: a channel may not know of others.
 */
function reachOf(report: Report, incident: Incident, members: MemberCounts | undefined): string {
  const { scope, verdict } = report;
  const isMore = members !== undefined && verdict.cause !== null && members.pod > Math.max(1, scope?.pods ?? 1);
  return isMore ? membersOf(incident, members) : scopeOf(report);
}

function membersOf({ namespace, workload: own }: Incident, { pod, failing, workload, node, namespace: namespaces }: MemberCounts): string {
  const [kind, ...name] = own.split('/');
  const whose = workload === 1 ? `${kind} ${namespace}/${name.join('/')}` : count(workload, 'workload');
  const where = node === 0 ? '' : ` on ${count(node, 'node')}`;
  const among = namespaces > 1 ? ` in ${count(namespaces, 'namespace')}` : '';
  return `${count(pod, 'pod')} of ${whose}${where}${among}${failing > 0 && failing < pod ? `, ${failing} still failing` : ''}`;
}

function scopeOf({ scope, target }: Report): string {
  const name = `${target.namespace}/${target.pod}`;
  if (scope === null || scope.pods <= 1) return `${name} on ${target.node ?? 'no node'}`;
  const [only = ''] = scope.workloads;
  const [namespace, kind, ...workload] = only.split('/');
  const whose = scope.workloads.length === 1 ? `${kind} ${namespace}/${workload.join('/')}` : count(scope.workloads.length, 'workload');
  const where = scope.nodes.length === 0 ? '' : ` on ${list(scope.nodes, MAX_NAMES)}`;
  return `${count(scope.pods, 'pod')} of ${whose}${where}${scope.workloads.length === 1 ? '' : `, ${name} among them`}`;
}

/** A time on a card, where seconds say nothing. */
export function minute(at: string): Inline {
  return { kind: 'time', at, precision: 'minute' };
}
