import { z } from 'zod';
import { causeWords, MAX_WORDS, OTHER_CAUSES } from '../../incident/correction.ts';
import { plain, section } from '../elements.ts';
import { IDS } from '../ids.ts';
import { escaped } from '../text.ts';
import type { IncidentContext } from './incident-context.ts';

/** What was chosen in the window. */
export const DisputeChoice = z.object({ said: z.string().min(1).max(75), words: z.string().max(MAX_WORDS).nullish() });

const RECORDED = 'What the cluster answers about the pod now is kept for 30 days, without secrets, so that this can be mended.';
/** Slack's limit for the options of a menu. */
const MAX_OPTIONS = 100;

/** The window in which somebody says what it was instead. */
export function disputeView(
  context: IncidentContext,
  verdict: { readonly title: string; readonly causes: readonly string[]; readonly isRecorded: boolean },
) {
  const said = [...Object.keys(OTHER_CAUSES), ...verdict.causes.toSorted()].slice(0, MAX_OPTIONS);
  return {
    type: 'modal' as const,
    callback_id: IDS.dispute,
    private_metadata: JSON.stringify(context),
    title: plain('Wrong verdict', 24),
    submit: plain('Send', 24),
    close: plain('Cancel', 24),
    blocks: [
      section(`I said: *${escaped(verdict.title).slice(0, 500)}*`),
      {
        type: 'input' as const,
        block_id: IDS.disputeCause,
        label: plain('What was it?', 2000),
        element: {
          type: 'static_select' as const,
          action_id: IDS.disputeCause,
          placeholder: plain('Choose a cause', 150),
          options: said.map((id) => ({ text: plain(causeWords(id), 75), value: id })),
        },
      },
      {
        type: 'input' as const,
        block_id: IDS.disputeWords,
        optional: true,
        label: plain('How do you know?', 2000),
        ...(verdict.isRecorded ? { hint: plain(RECORDED, 2000) } : {}),
        element: { type: 'plain_text_input' as const, action_id: IDS.disputeWords, multiline: true, max_length: MAX_WORDS },
      },
    ],
  };
}
