import { parseCommand } from '../../intake/command.ts';
import { paragraph } from '../blocks.ts';
import { IDS } from '../ids.ts';
import { runCommand } from './command.ts';
import { type Interaction, replyIn } from './interaction.ts';

/** `@imagepull …`, also in threads, where slash commands do not work. */
export const mention: Interaction = (app, parts) => {
  app.event('app_mention', async ({ event, body, client }) => {
    const { user, channel, ts, thread_ts: thread } = event;
    if (user === undefined) return;
    // Beside the thread it would be seen by nobody.
    const reply = replyIn(client, { channel, user, thread });
    await parts.deliveries.accept({ what: 'mention', ack: () => app.acknowledge(body), reply }, async (onKept) => {
      const delivery = body.event_id;
      const wanted = parseCommand(event.text.replace(/^\s*<@[A-Z0-9]+(?:\|[^>]*)?>/, ''), parts.intake.clusters);
      if (wanted.kind !== 'diagnose' && !(await parts.intake.once(delivery))) return;
      const place = { channel, thread: thread ?? ts };
      if (wanted.kind === 'pick')
        await reply(paragraph(`Which pod? \`@imagepull diagnose NAMESPACE/POD\`; \`${IDS.command} diagnose\` lets you choose.`));
      else await runCommand(wanted, { person: { user, channel }, delivery, place, kind: 'mention', reply, onKept }, parts);
    });
  });
};
