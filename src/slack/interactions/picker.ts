import type { Person } from '../../intake/people.ts';
import { paragraph } from '../blocks.ts';
import { checkedPod } from '../click-value.ts';
import { IDS } from '../ids.ts';
import { NO_POD, optionOf, PickContext, podOfOption } from '../views/pick.ts';
import { type Interaction, type InteractionParts, replyIn, replyTo } from './interaction.ts';

/** The window in which a pod is chosen, once it is sent off. */
export const picker: Interaction = (app, parts) => {
  const { intake, deliveries } = parts;
  app.view(IDS.pick, async ({ ack, view, body, client }) => {
    const context = PickContext.parse(JSON.parse(view.private_metadata));
    const { cluster, channel, thread } = context;
    const picked = view.state.values[IDS.pickPod]?.[IDS.pickPod]?.selected_option?.value ?? NO_POD;
    if (picked === NO_POD)
      return ack({ response_action: 'errors', errors: { [IDS.pickPod]: 'That is no pod. Choose one, or close this window.' } });
    const user = body.user.id;
    const reply = replyIn(client, { channel, user });
    await deliveries.accept({ what: 'picker', ack, reply }, async (onKept) => {
      const person = { user, channel };
      const pod = await chosenPod(picked, { ...context, person }, parts);
      if (!pod) return void (await reply(paragraph('That pod no longer fails to pull an image.')));
      const about = {
        cluster,
        ...pod,
        place: { channel, ...(thread === undefined ? {} : { thread }) },
        trigger: { kind: 'picker', user } as const,
      };
      await replyTo(await intake.diagnose({ ...about, person, delivery: `${view.id}.${view.hash}`, onKept }), reply, parts);
    });
  });
};

/** What comes back is checked like what somebody types; a name too long for Slack came as a digest. */
async function chosenPod(picked: string, where: PickContext & { readonly person: Person }, { intake }: InteractionParts) {
  const { cluster, namespace, person } = where;
  const named = podOfOption(picked);
  if (named) {
    const isAllowed = namespace === undefined || named.namespace === namespace;
    return isAllowed && checkedPod({ cluster, ...named }) ? named : undefined;
  }
  const pods = await intake.failingPods({ person, cluster, namespace, typed: '' });
  const found = 'status' in pods ? undefined : pods.find((pod) => optionOf(pod) === picked);
  return found && { namespace: found.namespace, pod: found.pod };
}
