import type { ViewsOpenArguments } from '@slack/web-api';
import { z } from 'zod';
import type { Place } from '../../incident/incident.ts';
import type { Asked, Intake, Refusal } from '../../intake/intake.ts';
import type { Person } from '../../intake/people.ts';
import { paragraph } from '../blocks.ts';
import { type Click, parseClick, podOf } from '../click-value.ts';
import type { Reply } from '../delivery.ts';
import { CLICKS } from '../ids.ts';
import { escaped } from '../text.ts';
import { disputeView } from '../views/dispute.ts';
import { invitationText } from '../views/invitation.ts';
import { pickView } from '../views/pick.ts';
import { rawView } from '../views/raw.ts';
import { silenceView } from '../views/silence.ts';
import { endedText } from '../views/silences.ts';
import { type Interaction, type InteractionParts, replyTo } from './interaction.ts';
import { propose, review } from './plan.ts';

/** A click on a button or on an entry of a menu. */
const Payload = z.looseObject({
  trigger_id: z.string(),
  user: z.looseObject({ id: z.string() }),
  value: z.string().max(2_000).optional(),
  selected_option: z.looseObject({ value: z.string().max(150) }).optional(),
  channel: z.looseObject({ id: z.string() }).optional(),
  container: z.looseObject({ thread_ts: z.string().optional() }).optional(),
});

/** Who clicked on what, and where. */
interface Clicked {
  readonly triggerId: string;
  readonly person: Person;
  /** Undefined for an entry that opened a page, and for what this program did not write. */
  readonly click: Click | undefined;
  readonly place: Place | undefined;
}

/** Buttons and menus of messages. */
export const button: Interaction = (app, parts) => {
  const { deliveries } = parts;
  app.action(CLICKS, async ({ ack, action, body, respond, client }) => {
    const { click, triggerId, person, place } = clickedOf({ ...body, ...action });
    const reply: Reply = ({ text, blocks }) => respond({ response_type: 'ephemeral', replace_original: false, text, blocks: [...blocks] });
    if (!click) return ack();
    const delivery = { what: click.action, ack, reply };
    const answer = ANSWERS[click.action];
    if (answer) {
      const open = async (view: View) => {
        const opened = await client.views.open({ trigger_id: triggerId, view });
        return { replace: async (other: View) => void (await client.views.update({ view_id: opened.view?.id ?? '', view: other })) };
      };
      return deliveries.answer(delivery, () => answer(click.about.id, { person, place, delivery: triggerId, reply, open }, parts.intake));
    }
    return deliveries.accept(delivery, (onKept) => begin(click, { person, delivery: triggerId, onKept, place, reply }, parts));
  });
};

type View = ViewsOpenArguments['view'];

/** Who clicked where, and how they are answered. */
interface Answering {
  readonly person: Person;
  readonly place: Place | undefined;
  /** Slack's id of the click. */
  readonly delivery: string;
  readonly reply: Reply;
  /** Opens a window, which Slack lets happen within three seconds of the click; what takes longer replaces it. */
  readonly open: (view: View) => Promise<{ replace(other: View): Promise<void> }>;
}

/** What a click on something with an id does that is only answered, and can be clicked again. Everything else begins a run. */
const ANSWERS: Partial<Readonly<Record<Click['action'], (id: string, by: Answering, intake: Intake) => Promise<void>>>> = {
  async raw(incidentId, { person, open }, intake) {
    const { title, text } = await intake.raw({ person, incidentId });
    await open(rawView(title, text));
  },
  async page(incidentId, { person, reply }, intake) {
    const result = await intake.invite({ person, incidentId });
    await reply(paragraph(result.status === 'refused' ? escaped(result.says) : invitationText(result)));
  },
  async silence(incident, { person, open }, intake) {
    const channel = person.channel ?? '';
    await open(silenceView({ incident, channel }, await intake.silenceable({ person, incidentId: incident })));
  },
  async 'end-silence'(silenceId, { person, reply }, intake) {
    const result = await intake.endSilence({ person, silenceId });
    await reply(paragraph(result.status === 'refused' ? escaped(result.says) : endedText(result.silence)));
  },
  async dispute(incident, { person, open }, intake) {
    const channel = person.channel ?? '';
    await open(disputeView({ incident, channel }, await intake.disputable({ person, incidentId: incident })));
  },
  // The card itself shows what comes of these two.
  care: async (incidentId, { person, reply }, intake) => refuseOnly(await intake.takeCare({ person, incidentId }), reply),
  'end-care': async (incidentId, { person, reply }, intake) => refuseOnly(await intake.endCare({ person, incidentId }), reply),
  propose: (id, by, intake) => propose(id, by, intake),
  review: (id, by, intake) => review(id, 'approve', by, intake),
  deny: (id, by, intake) => review(id, 'deny', by, intake),
  async pick(cluster, { place, open }) {
    if (place) await open(pickView({ ...place, cluster }));
  },
};

async function refuseOnly(result: { readonly status: 'noted' } | Refusal, reply: Reply): Promise<void> {
  if (result.status === 'refused') await reply(paragraph(escaped(result.says)));
}

async function begin(
  { action, about }: Click,
  by: Asked & { readonly place: Place | undefined; readonly reply: Reply },
  parts: InteractionParts,
): Promise<void> {
  const { place, reply, ...asked } = by;
  const pod = podOf(about);
  if (action === 'rerun') return replyTo(await parts.intake.rerun({ ...asked, incidentId: about.id }), reply, parts);
  if (action === 'diagnose' && pod && place) {
    const trigger = { kind: 'picker', user: asked.person.user } as const;
    return replyTo(await parts.intake.diagnose({ ...asked, ...pod, place, trigger }), reply, parts);
  }
  await reply(paragraph('That button is of another version. Ask again for a message with current ones.'));
}

function clickedOf(payload: unknown): Clicked {
  const { trigger_id: triggerId, user, value, selected_option, channel, container } = Payload.parse(payload);
  const thread = container?.thread_ts;
  return {
    triggerId,
    person: { user: user.id, ...(channel === undefined ? {} : { channel: channel.id }) },
    click: parseClick(value ?? selected_option?.value ?? ''),
    place: channel && { channel: channel.id, ...(thread === undefined ? {} : { thread }) },
  };
}
