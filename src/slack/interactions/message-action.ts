import { z } from 'zod';
import { podOfAlert, textOfMessage } from '../../intake/alerts/message-text.ts';
import { paragraph } from '../blocks.ts';
import type { Reply } from '../delivery.ts';
import { IDS } from '../ids.ts';
import { escaped } from '../text.ts';
import { type Interaction, replyTo } from './interaction.ts';

const MessagePlace = z.looseObject({ ts: z.string(), thread_ts: z.string().optional() });

/** *Diagnose image pull* in the menu of a message, such as an alert. */
export const messageAction: Interaction = (app, parts) => {
  const { intake, deliveries } = parts;
  app.shortcut({ type: 'message_action', callback_id: IDS.shortcut }, async ({ ack, shortcut, respond }) => {
    const reply: Reply = ({ text, blocks }) => respond({ response_type: 'ephemeral', text, blocks: [...blocks] });
    await deliveries.accept({ what: 'shortcut', ack, reply }, async (onKept) => {
      const found = podOfAlert(textOfMessage(shortcut.message));
      if (found.status === 'none') return void (await reply(paragraph(found.says)));
      if (found.others > 0)
        await reply(paragraph(`The message names ${found.others + 1} pods; I look into ${escaped(`${found.namespace}/${found.pod}`)}.`));
      const [cluster = ''] = intake.clusters;
      const message = MessagePlace.parse(shortcut.message);
      const user = shortcut.user.id;
      const channel = shortcut.channel.id;
      const { namespace, pod } = found;
      const request = {
        person: { user, channel },
        delivery: shortcut.trigger_id,
        cluster,
        namespace,
        pod,
        place: { channel, thread: message.thread_ts ?? message.ts },
        trigger: { kind: 'shortcut', user } as const,
        onKept,
      };
      await replyTo(await intake.diagnose(request), reply, parts);
    });
  });
};
