import type { Incident } from '../../incident/incident.ts';
import type { MemberCounts } from '../../incident/members.ts';
import type { Piece } from '../../incident/message.ts';
import { count, shortened } from '../../text/wording.ts';
import { recoveryOf, resolvedCard } from './resolved-card.ts';

/** The card of an incident that counts what a namespace's own incidents leave out. Nobody looked into it. */
export function overflowCard(incident: Incident, image: string, { pod, workload, node }: MemberCounts): readonly Piece[] {
  const end = recoveryOf(incident);
  if (end) return resolvedCard(incident, end, []);
  const { namespace, cluster } = incident;
  const where = [count(workload, 'workload'), ...(node === 0 ? [] : [`on ${count(node, 'node')}`])].join(' ');
  const since = incident.since ?? incident.openedAt;
  return [
    { kind: 'headline', mark: 'wrong', text: `${count(pod, 'more pod')} of ${namespace} cannot pull, for other reasons` },
    { kind: 'note', text: [`${where} · since `, { kind: 'time', at: since, precision: 'minute' }] },
    {
      kind: 'text',
      text: [
        `${namespace} has as many incidents of its own as it may have, so these are counted and not looked into. One of them asks for `,
        { kind: 'code', text: shortened(image) },
        '. For all reasons: ',
        { kind: 'code', text: `scan ${namespace} in ${cluster}` },
      ],
    },
    { kind: 'note', text: [cluster] },
  ];
}
