import { z } from 'zod';
import type { Silenceable } from '../../intake/intake.ts';
import { plain } from '../elements.ts';
import { IDS } from '../ids.ts';
import type { IncidentContext } from './incident-context.ts';

/** What was chosen in the window. */
export const SilenceChoice = z.object({
  what: z.enum(['workload', 'cause']),
  /** Hours. */
  time: z.enum(['0.5', '1', '2', '4', '8', '24']).transform(Number),
  reason: z.string().max(200).nullish(),
});

const TIMES: readonly (readonly [hours: string, label: string])[] = [
  ['0.5', '30 minutes'],
  ['1', '1 hour'],
  ['2', '2 hours'],
  ['4', '4 hours'],
  ['8', '8 hours'],
  ['24', '24 hours'],
];

/** The window in which somebody chooses what to be silent about, for how long, and says why. */
export function silenceView(context: IncidentContext, { cluster, namespace, workload, cause }: Silenceable) {
  const whats = [
    option('workload', `${workload} in ${namespace}`, 'Whatever it fails for'),
    ...(cause
      ? [option('cause', cause.title, cause.everywhere ? `This cause, in all namespaces of ${cluster}` : `This cause, in ${namespace}`)]
      : []),
  ];
  const times = TIMES.map(([hours, label]) => option(hours, label));
  return {
    type: 'modal' as const,
    callback_id: IDS.silence,
    private_metadata: JSON.stringify(context),
    title: plain('Silence', 24),
    submit: plain('Silence', 24),
    close: plain('Cancel', 24),
    blocks: [
      {
        type: 'input' as const,
        block_id: IDS.silenceWhat,
        label: plain('Post nothing by yourself about', 2000),
        element: { type: 'radio_buttons' as const, action_id: IDS.silenceWhat, options: whats, initial_option: whats[0] },
      },
      {
        type: 'input' as const,
        block_id: IDS.silenceTime,
        label: plain('For how long', 2000),
        element: { type: 'static_select' as const, action_id: IDS.silenceTime, options: times, initial_option: times[2] },
      },
      {
        type: 'input' as const,
        block_id: IDS.silenceReason,
        optional: true,
        label: plain('Why', 2000),
        element: { type: 'plain_text_input' as const, action_id: IDS.silenceReason, max_length: 200 },
      },
    ],
  };
}

function option(value: string, text: string, description?: string) {
  return { value, text: plain(text, 75), ...(description === undefined ? {} : { description: plain(description, 75) }) };
}
