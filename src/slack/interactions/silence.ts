import { paragraph } from '../blocks.ts';
import { IDS } from '../ids.ts';
import { escaped } from '../text.ts';
import { IncidentContext } from '../views/incident-context.ts';
import { SilenceChoice } from '../views/silence.ts';
import { silencedText } from '../views/silences.ts';
import { type Interaction, replyIn } from './interaction.ts';

const HOUR_MS = 3_600_000;

/** The window in which something is silenced, once it is sent off. What comes back is checked like what somebody types. */
export const silence: Interaction = (app, { intake, deliveries }) => {
  app.view(IDS.silence, async ({ ack, view, body, client }) => {
    const { incident: incidentId, channel } = IncidentContext.parse(JSON.parse(view.private_metadata));
    const { values } = view.state;
    const { what, time, reason } = SilenceChoice.parse({
      what: values[IDS.silenceWhat]?.[IDS.silenceWhat]?.selected_option?.value,
      time: values[IDS.silenceTime]?.[IDS.silenceTime]?.selected_option?.value,
      reason: values[IDS.silenceReason]?.[IDS.silenceReason]?.value,
    });
    const user = body.user.id;
    const reply = replyIn(client, { channel, user });
    await deliveries.accept({ what: 'silence', ack, reply }, async (onKept) => {
      const person = { user, channel };
      const wanted = { incidentId, what, forMs: time * HOUR_MS, reason: reason ?? undefined };
      const result = await intake.silenceIncident({ ...wanted, person, delivery: `${view.id}.${view.hash}` });
      onKept();
      await reply(paragraph(result.status === 'refused' ? escaped(result.says) : silencedText(result.silence)));
    });
  });
};
