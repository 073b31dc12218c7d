import type { IncidentList, ListedIncident } from '../../intake/intake.ts';
import { SECTION } from '../elements.ts';
import type { Links } from '../links.ts';
import { escapedWithin, markup } from '../text.ts';

/** Kept free for the sentence that says what was left out. */
const RESERVE = 60;

/** A list of incidents as markup, or that there is none; whole lines only. */
export function incidentsText({ incidents, total, complete }: IncidentList, links: Links, none: string): string {
  if (incidents.length === 0) return none;
  const lines: string[] = [];
  let left = SECTION - RESERVE;
  for (const entry of incidents) {
    const line = `• ${incidentMarkup(entry, links)}`;
    if (line.length + 1 > left) break;
    lines.push(line);
    left -= line.length + 1;
  }
  const others = total - lines.length;
  return [...lines, ...(others > 0 ? [`and ${others}${complete ? '' : ' or more'} others`] : [])].join('\n');
}

/** One incident as markup, with a link to its card once that is there. */
export function incidentMarkup({ incident, card }: ListedIncident, links: Links): string {
  const { namespace, pod, cluster, outcome, overflow, places, openedAt, care } = incident;
  const title = overflow ? 'more pods that cannot pull, for other reasons' : (outcome?.title ?? 'being looked into');
  const [place] = places;
  const what = card === undefined || place === undefined ? escapedWithin(title, 150) : links.toMessage(place, card, title.slice(0, 150));
  const about = markup([{ kind: 'code', text: overflow ? namespace : `${namespace}/${pod}` }]);
  return `${what} · ${about} in ${escapedWithin(cluster, 60)} · ${markup([{ kind: 'time', at: openedAt, precision: 'minute' }])}${place === undefined ? '' : ` · <#${place.channel}>`}${care === undefined ? '' : ` · ${markup([{ kind: 'mention', id: care.by }])} is on it`}`;
}
