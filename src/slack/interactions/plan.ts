import type { ViewsOpenArguments } from '@slack/web-api';
import { REMEDY_IDS } from '../../approval/remedy.ts';
import type { Intake, Refusal } from '../../intake/intake.ts';
import type { Person } from '../../intake/people.ts';
import { paragraph } from '../blocks.ts';
import type { Reply } from '../delivery.ts';
import { IDS } from '../ids.ts';
import { escaped } from '../text.ts';
import { ChoiceContext, chosenOf, planChoiceView } from '../views/plan-choice.ts';
import { planReviewView } from '../views/plan-review.ts';
import { type Interaction, replyIn } from './interaction.ts';

const OFF = 'Nothing is changed by this bot: its configuration has no remedies.';

type View = ViewsOpenArguments['view'];

/** Who clicked, and how windows are opened for them. */
interface Clicking {
  readonly person: Person;
  readonly delivery: string;
  readonly reply: Reply;
  readonly open: (view: View) => Promise<{ replace(other: View): Promise<void> }>;
}

/** A click on what an incident's card offers: a plan is made, or somebody chooses first. */
export async function propose(id: string, { person, reply, open }: Clicking, { plans }: Intake): Promise<void> {
  const [incidentId = '', name = ''] = id.split('/');
  const remedy = REMEDY_IDS.find((one) => one === name);
  if (plans === undefined || remedy === undefined) return void (await reply(paragraph(OFF)));
  const result = await plans.propose({ person, incidentId, remedy });
  if (result.status === 'refused') return tellRefusal(result, reply);
  if (result.status === 'noted') return;
  const context = ChoiceContext.parse({ incident: incidentId, remedy, channel: person.channel ?? '' });
  const { image } = result.offer;
  const window = await open(planChoiceView(context, { image }));
  const found = await plans.choices(result);
  await window.replace(
    planChoiceView(context, found.status === 'refused' ? { image, says: found.says } : { image, choices: found.choices }),
  );
}

/** A click on Review or Deny opens a window; it decides nothing. */
export async function review(id: string, opens: 'approve' | 'deny', { person, reply, open }: Clicking, { plans }: Intake): Promise<void> {
  const [planId = '', digest = ''] = id.split('/');
  if (plans === undefined) return void (await reply(paragraph(OFF)));
  const opened = await plans.review({ person, planId, digest, opens });
  if (opened.status === 'refused') return tellRefusal(opened, reply);
  await open(planReviewView(opened));
}

async function tellRefusal({ says }: Refusal, reply: Reply): Promise<void> {
  await reply(paragraph(escaped(says)));
}

/** The window of a plan, once it is sent off. Whether it decides anything is found out by what this program signed when it opened it. */
export const planReview: Interaction = (app, { intake, deliveries }) => {
  app.view(IDS.planReview, async ({ ack, view, body, client }) => {
    const user = body.user.id;
    const reply = directly(client, user);
    await deliveries.accept({ what: 'plan-review', ack, reply }, async () => {
      const result = await intake.plans?.decide({
        person: { user },
        ticket: jsonOf(view.private_metadata),
        window: view.external_id ?? '',
        reason: view.state.values[IDS.planReason]?.[IDS.planReason]?.value ?? undefined,
      });
      if (result?.status === 'refused') await tellRefusal(result, reply);
    });
  });
};

/** The window in which somebody chose a tag or a secret, once it is sent off. */
export const planChoice: Interaction = (app, { intake, deliveries }) => {
  app.view(IDS.planChoice, async ({ ack, view, body, client }) => {
    const context = ChoiceContext.parse(JSON.parse(view.private_metadata));
    const { incident: incidentId, remedy, channel } = context;
    const { values } = view.state;
    const option = (id: string) => values[id]?.[id]?.selected_option?.value;
    const chosen = chosenOf(context, option(IDS.planChosen), option(IDS.planWhere));
    const user = body.user.id;
    const reply = replyIn(client, { channel, user });
    await deliveries.accept({ what: 'plan-choice', ack, reply }, async () => {
      const person = { user, channel };
      const result = await intake.plans?.propose({ person, incidentId, remedy, chosen });
      if (result?.status === 'refused') await tellRefusal(result, reply);
    });
  });
};

/** What concerns one person alone is a direct message, which stays. */
function directly(client: Parameters<typeof replyIn>[0], user: string): Reply {
  return ({ text, blocks }) => client.chat.postMessage({ channel: user, text, blocks: [...blocks] });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is, this program did not write it.
    return undefined;
  }
}
