import { invitationPath } from '../incident-page/paths.ts';
import { createRequestBudget } from '../network/request-budget.ts';
import type { IntakeParts } from './create-intake.ts';
import type { Intake } from './intake.ts';
import { noIncident } from './seen-incident.ts';

/** Links that one person is given within a minute. */
const PER_MINUTE = 10;

/** Gives out links to the pages of incidents. Who may ask about the namespace of one and see it may have a link. */
export function createInvitations({ store, access, pages, now }: IntakeParts): Pick<Intake, 'invite'> {
  const budget = createRequestBudget({ perMinute: PER_MINUTE, atOnce: PER_MINUTE, now: () => now().getTime() });
  return {
    async invite({ person, incidentId }) {
      if (pages === undefined)
        return { status: 'refused', code: 'intake/no-page', says: 'Incidents have no pages here: http.publicUrl is not set.' };
      const incident = await store.incidents.read(incidentId);
      const rights = await access.rightsOf(person);
      const refusal = rights.refusal(incident.cluster, incident.namespace);
      if (refusal) return refusal;
      if (!rights.maySee(incident)) throw noIncident(incidentId);
      const { user, channel, team } = person;
      const holder = { incidentId, user, ...(channel === undefined ? {} : { channel }), ...(team === undefined ? {} : { team }) };
      const invited = await budget.within(user, () => pages.passes.invite(holder));
      if ('kind' in invited)
        return { status: 'refused', code: 'intake/too-many', says: `You were given ${PER_MINUTE} links within a minute. Wait a minute.` };
      const url = new URL(invitationPath(incidentId, invited.key), pages.publicUrl).href;
      return { status: 'invited', url, until: invited.until, about: `${incident.namespace}/${incident.pod}` };
    },
  };
}
