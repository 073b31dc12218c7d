import { paragraph } from '../blocks.ts';
import { IDS } from '../ids.ts';
import { escaped } from '../text.ts';
import { DisputeChoice } from '../views/dispute.ts';
import { IncidentContext } from '../views/incident-context.ts';
import { type Interaction, replyIn } from './interaction.ts';

const THANKS = 'Thank you. The card says so now, and it is counted.';

/** The window in which somebody says what a verdict should have been, once it is sent off. What comes back is checked like what somebody types. */
export const dispute: Interaction = (app, { intake, deliveries }) => {
  app.view(IDS.dispute, async ({ ack, view, body, client }) => {
    const { incident: incidentId, channel } = IncidentContext.parse(JSON.parse(view.private_metadata));
    const { values } = view.state;
    const { said, words } = DisputeChoice.parse({
      said: values[IDS.disputeCause]?.[IDS.disputeCause]?.selected_option?.value,
      words: values[IDS.disputeWords]?.[IDS.disputeWords]?.value,
    });
    const user = body.user.id;
    const reply = replyIn(client, { channel, user });
    await deliveries.accept({ what: 'dispute', ack, reply }, async (onKept) => {
      const asked = { person: { user, channel }, delivery: `${view.id}.${view.hash}`, onKept };
      const result = await intake.dispute({ ...asked, incidentId, said, words: words ?? undefined });
      await reply(paragraph(result.status === 'refused' ? escaped(result.says) : THANKS));
    });
  });
};
