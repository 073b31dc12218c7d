import type { Incident } from '../../incident/incident.ts';
import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import type { DetectionParts } from './parts.ts';

/** Shows that more pods belong to an incident, after everything else that waits in its channel; nothing where none is new. */
export async function tellCounts(incident: Incident, added: number, parts: Pick<DetectionParts, 'store' | 'queue'>): Promise<void> {
  if (added > 0) await tellIncident(incident, URGENCY.details, parts);
}
