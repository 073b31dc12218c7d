import { z } from 'zod';
import { asCodedError } from '../../errors.ts';
import { within } from '../delivery.ts';
import { IDS } from '../ids.ts';
import { noOption, PickContext, podOptions } from '../views/pick.ts';
import type { Interaction } from './interaction.ts';

/** Slack takes options for three seconds, ms. */
const OPTIONS_MS = 2_500;

/** What the field of the picker offers while somebody types. */
export const pickerOptions: Interaction = (app, { intake, log }) => {
  app.options(IDS.pickPod, async ({ ack, payload, body }) => {
    const options = async () => {
      const { cluster, namespace, channel } = contextOf(body);
      const person = { user: body.user.id, channel };
      const pods = await within(OPTIONS_MS, intake.failingPods({ person, cluster, namespace, typed: payload.value }));
      return 'status' in pods ? noOption(pods.says) : podOptions(pods);
    };
    await ack({
      options: await options().catch((cause: unknown) => {
        const { code, message } = asCodedError(cause);
        log.warn('a request was not answered', { what: 'options', code, because: message });
        return noOption(code === 'slack/too-slow' ? 'The cluster is slow; type again in a moment' : 'The pods could not be listed');
      }),
    });
  });
};

function contextOf(body: unknown): PickContext {
  const { view } = z.looseObject({ view: z.looseObject({ private_metadata: z.string() }) }).parse(body);
  return PickContext.parse(JSON.parse(view.private_metadata));
}
