import type { IncidentList } from '../../intake/intake.ts';
import { context, section } from '../elements.ts';
import { IDS } from '../ids.ts';
import type { Links } from '../links.ts';
import { helpText } from './help.ts';
import { incidentMarkup } from './incidents.ts';

/** Incidents on the Home; Slack takes a hundred blocks. */
const MAX_SHOWN = 40;

/** The bot's Home: what is open, each once, with a link to its card, and how many there are. */
export function homeView({ incidents, total, complete }: IncidentList, links: Links) {
  const shown = [...new Map(incidents.map((entry) => [entry.incident.id, entry])).values()].slice(0, MAX_SHOWN);
  const others = total - shown.length;
  return {
    type: 'home' as const,
    blocks: [
      section(
        shown.length === 0
          ? '*Nothing is open.* No pod that was diagnosed still waits for its image.'
          : `*Open (${total}${complete ? '' : ' or more'})*`,
      ),
      ...shown.map((entry) => section(incidentMarkup(entry, links))),
      ...(others > 0
        ? [context(`and ${others}${complete ? '' : ' or more'} others: \`${IDS.command} history NAMESPACE\` lists those of a namespace`)]
        : []),
      { type: 'divider' as const },
      section(helpText()),
    ],
  };
}
