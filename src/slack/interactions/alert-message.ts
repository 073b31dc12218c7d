import { z } from 'zod';
import type { Interaction } from './interaction.ts';

/** A message that an app posted. People's messages have no `bot_id`. */
const AppMessage = z.looseObject({
  channel: z.string(),
  ts: z.string(),
  thread_ts: z.string().optional(),
  subtype: z.literal('bot_message').optional(),
  hidden: z.literal(false).optional(),
  bot_id: z.string(),
  app_id: z.string().optional(),
  team: z.string().optional(),
  bot_profile: z.looseObject({ app_id: z.string().optional(), team_id: z.string().optional() }).optional(),
});
const Envelope = z.looseObject({ is_ext_shared_channel: z.boolean().default(false) });

/** Messages of other apps in channels that the configuration lists. Edits, replies in threads and this bot's own messages are none. */
export const alertMessage: Interaction = (app, { intake, deliveries, log }) => {
  app.event('message', async ({ event, body, context }) => {
    const read = AppMessage.safeParse(event).data;
    if (!read || read.bot_id === context.botId || (read.thread_ts !== undefined && read.thread_ts !== read.ts)) return;
    const { channel, ts, bot_profile: profile } = read;
    const appId = read.app_id ?? profile?.app_id;
    // In a channel shared with another workspace the same app may speak for that. The envelope's team_id may be either's, context.teamId is ours.
    const team = profile?.team_id ?? read.team;
    const isOurs = team === undefined ? !Envelope.parse(body).is_ext_shared_channel : team === context.teamId;
    if (appId === undefined || !isOurs) return;
    const reply = async () => log.warn('a message of another app was not looked into', { channel, app: appId });
    await deliveries.accept({ what: 'message of an app', ack: () => app.acknowledge(body), reply }, async (onKept) =>
      intake.alertMessage({ channel, ts, app: appId, message: event, onKept }),
    );
  });
};
