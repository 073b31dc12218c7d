import type { Place } from '../../incident/incident.ts';
import type { Command } from '../../intake/command.ts';
import type { Person } from '../../intake/people.ts';
import { paragraph, slackMessage } from '../blocks.ts';
import type { Reply } from '../delivery.ts';
import { escaped } from '../text.ts';
import { examinationMessage } from '../views/examination.ts';
import { helpText } from '../views/help.ts';
import { incidentsText } from '../views/incidents.ts';
import { silencedText, silencesMessage } from '../views/silences.ts';
import { type InteractionParts, replyTo } from './interaction.ts';

/** Who wrote a command, and where. */
interface Written {
  readonly place: Place;
  readonly person: Person;
  readonly delivery: string;
  readonly kind: 'command' | 'mention';
  readonly reply: Reply;
  readonly onKept: () => void;
}

/** Does what a command says, wherever it was written. */
export async function runCommand(command: Exclude<Command, { kind: 'pick' }>, written: Written, parts: InteractionParts): Promise<void> {
  const { intake, links } = parts;
  const { place, person, delivery, kind, reply, onKept } = written;
  // What only answers can be asked again.
  if (command.kind !== 'diagnose') onKept();
  switch (command.kind) {
    case 'diagnose': {
      const trigger = { kind, user: person.user };
      return replyTo(await intake.diagnose({ ...command, person, delivery, place, trigger, onKept }), reply, parts);
    }
    case 'scan': {
      const result = await intake.scan({ ...command, person });
      await reply(result.status === 'refused' ? paragraph(escaped(result.says)) : slackMessage(result.message));
      return;
    }
    case 'status': {
      const open = await intake.incidents({ person, open: true });
      await reply(paragraph(`Serving ${escaped(intake.clusters.join(', '))}.\n${incidentsText(open, links, 'Nothing is open.')}`));
      return;
    }
    case 'history': {
      const found = await intake.incidents({ person, open: false, about: command.about });
      await reply(paragraph(incidentsText(found, links, 'Nothing was diagnosed there in the last 30 days.')));
      return;
    }
    case 'silence': {
      const result = await intake.silence({ ...command, person, delivery });
      await reply(paragraph(result.status === 'refused' ? escaped(result.says) : silencedText(result.silence)));
      return;
    }
    case 'silences':
      await reply(slackMessage(silencesMessage(await intake.silences({ person }))));
      return;
    case 'freeze':
    case 'unfreeze': {
      const { plans } = intake;
      const asked = { person, cluster: command.cluster };
      const result = await (command.kind === 'freeze' ? plans?.freeze({ ...asked, reason: command.reason }) : plans?.unfreeze(asked));
      await reply(paragraph(escaped(result?.says ?? 'Nothing is changed by this bot anyway: its configuration has no remedies.')));
      return;
    }
    case 'doctor': {
      const result = await intake.examine({ person });
      await reply(result.status === 'refused' ? paragraph(escaped(result.says)) : slackMessage(examinationMessage(result)));
      return;
    }
    case 'help':
      await reply(paragraph(helpText()));
      return;
    case 'wrong':
      await reply(paragraph(command.says));
      return;
    default:
      command satisfies never;
  }
}
