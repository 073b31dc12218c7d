import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import type { IntakeParts } from '../create-intake.ts';
import type { Intake } from '../intake.ts';
import { noIncident } from '../seen-incident.ts';

/** Notes who takes care of an incident; its card shows it. Who may ask about its namespace may say so, take it over, and end it. Twice is once. */
export function createCare({ store, queue, access, now }: IntakeParts): Pick<Intake, 'takeCare' | 'endCare'> {
  async function change(
    { person, incidentId }: Parameters<Intake['takeCare']>[0],
    care: { readonly by: string; readonly since: string } | undefined,
  ): ReturnType<Intake['takeCare']> {
    const incident = await store.incidents.read(incidentId);
    const { cluster, namespace } = incident;
    const rights = await access.rightsOf(person);
    const refusal = rights.refusal(cluster, namespace);
    if (refusal) return refusal;
    if (!rights.maySee(incident)) throw noIncident(incidentId);
    const { before, after } = await store.incidents.update(incidentId, (known) => {
      if (known.care?.by === care?.by) return known;
      const { care: _, ...rest } = known;
      return care === undefined ? rest : { ...rest, care };
    });
    if (after !== before) await tellIncident(after, URGENCY.verdict, { store, queue });
    return { status: 'noted' };
  }

  return {
    takeCare: (asked) => change(asked, { by: asked.person.user, since: now().toISOString() }),
    endCare: (asked) => change(asked, undefined),
  };
}
