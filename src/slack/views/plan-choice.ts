import { z } from 'zod';
import type { Choices } from '../../intake/plans/plan-desk.ts';
import type { Chosen } from '../../remedies/offers.ts';
import { plain, section } from '../elements.ts';
import { IDS } from '../ids.ts';
import { escaped } from '../text.ts';

/** What the window carries: the incident and the remedy that somebody chooses for, and what each tag was when it was proven. */
export const ChoiceContext = z.object({
  incident: z.string().max(64),
  remedy: z.enum(['set-image', 'attach-pull-secret']),
  channel: z.string(),
  digests: z.record(z.string().max(128), z.string().max(80)).default({}),
});
export type ChoiceContext = z.infer<typeof ChoiceContext>;

/** What was chosen, out of what the window offered; empty for anything else. */
export function chosenOf({ remedy, digests }: ChoiceContext, value: unknown, to: unknown): Chosen {
  if (typeof value !== 'string') return {};
  if (remedy === 'attach-pull-secret') return { secret: value, ...(to === TO_ACCOUNT ? { to: TO_ACCOUNT } : {}) };
  const digest = Object.hasOwn(digests, value) ? digests[value] : undefined;
  return digest === undefined ? {} : { tag: value, digest };
}

const TO_ACCOUNT = 'service-account';
const TO_WORKLOAD = 'workload';

/** Slack's limit for the value of an option, in its older documentation. */
const MAX_VALUE = 75;

/** The window in which somebody chooses a tag or a secret; none is chosen beforehand. Without choices it says why, or that they are looked for. */
export function planChoiceView(
  chosen: ChoiceContext,
  { choices, image, says }: { readonly choices?: Choices; readonly image: string; readonly says?: string },
) {
  const known = (choices ?? []).filter((one) => ('tag' in one ? one.tag : one.secret).length <= MAX_VALUE);
  const options = known.map((one) =>
    'tag' in one ? { text: plain(`${one.tag} (${one.because})`, 75), value: one.tag } : { text: plain(one.secret, 75), value: one.secret },
  );
  const digests = Object.fromEntries(known.flatMap((one) => ('tag' in one ? [[one.tag, one.digest] as const] : [])));
  const isTag = chosen.remedy === 'set-image';
  const nothing = isTag
    ? 'No tag near to it is proven to be pullable with the login of these pods.'
    : 'No secret that other pods of the namespace use is proven to work for this image.';
  return {
    type: 'modal' as const,
    callback_id: IDS.planChoice,
    private_metadata: JSON.stringify({ ...chosen, digests }),
    title: plain(isTag ? 'Set image' : 'Attach a pull secret', 24),
    close: plain('Cancel', 24),
    ...(options.length > 0 ? { submit: plain('Make a plan', 24) } : {}),
    blocks: [
      section(escaped(image).slice(0, 1_000)),
      options.length === 0
        ? section(escaped(says ?? (choices === undefined ? 'Looking for what can be pulled …' : nothing)))
        : {
            type: 'input' as const,
            block_id: IDS.planChosen,
            label: plain(isTag ? 'Tag, each proven to be pullable' : 'Secret, each proven to work', 2000),
            hint: plain('Whoever chooses cannot approve, unless the policy says so.', 2000),
            element: { type: 'static_select' as const, action_id: IDS.planChosen, placeholder: plain('Choose', 150), options },
          },
      ...(isTag || options.length === 0 ? [] : [whereInput()]),
    ],
  };
}

/** Where a secret goes. */
function whereInput() {
  const workload = { text: plain('This workload', 75), value: TO_WORKLOAD };
  const account = {
    text: plain('Its service account', 75),
    description: plain('Every pod of it that is made from now on gets it', 75),
    value: TO_ACCOUNT,
  };
  return {
    type: 'input' as const,
    block_id: IDS.planWhere,
    label: plain('Attach it to', 2000),
    element: { type: 'radio_buttons' as const, action_id: IDS.planWhere, options: [workload, account], initial_option: workload },
  };
}
