import { parseCommand } from '../../intake/command.ts';
import type { Reply } from '../delivery.ts';
import { IDS } from '../ids.ts';
import { pickView } from '../views/pick.ts';
import { runCommand } from './command.ts';
import type { Interaction } from './interaction.ts';

/** `/imagepull …` */
export const slashCommand: Interaction = (app, parts) => {
  app.command(IDS.command, async ({ ack, command, respond, client }) => {
    const reply: Reply = ({ text, blocks }) => respond({ response_type: 'ephemeral', text, blocks: [...blocks] });
    const { channel_id: channel, user_id: user, trigger_id } = command;
    await parts.deliveries.accept({ what: 'command', ack, reply }, async (onKept) => {
      const wanted = parseCommand(command.text, parts.intake.clusters);
      if (wanted.kind !== 'diagnose' && !(await parts.intake.once(trigger_id))) return;
      if (wanted.kind === 'pick') {
        onKept();
        await client.views.open({ trigger_id, view: pickView({ channel, cluster: wanted.cluster, namespace: wanted.namespace }) });
      } else
        await runCommand(
          wanted,
          { person: { user, channel }, delivery: trigger_id, place: { channel }, kind: 'command', reply, onKept },
          parts,
        );
    });
  });
};
