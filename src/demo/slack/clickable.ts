import { z } from 'zod';

/** A message that can be clicked on: a posted one, or one that a person alone sees, which has no name. */
export interface Clickable {
  readonly channel: string;
  readonly ts?: string;
  readonly threadTs?: string | undefined;
  readonly blocks: readonly unknown[];
}

const Option = z.looseObject({ text: z.object({ text: z.string() }), value: z.string() });
const Clicked = z.union([
  z.looseObject({ type: z.literal('button'), text: z.object({ text: z.string() }), action_id: z.string() }),
  z.looseObject({ type: z.literal('overflow'), action_id: z.string(), options: z.array(Option) }),
]);
const Holder = z.looseObject({ elements: z.array(z.unknown()).default([]), accessory: z.unknown().optional() });

/** A click that somebody may make. */
interface Clicking {
  readonly label: string;
  readonly actionId: string;
  readonly payload: object;
}

/** Everything in blocks that can be clicked, by its label, as Slack sends the click. */
export function actionsOf(blocks: readonly unknown[]): readonly Clicking[] {
  const elements = blocks.flatMap((block) => {
    const holder = Holder.safeParse(block).data;
    return holder ? [...holder.elements, holder.accessory] : [];
  });
  return elements.flatMap((element): Clicking[] => {
    const read = Clicked.safeParse(element).data;
    if (!read) return [];
    if (read.type === 'button') return [{ label: read.text.text, actionId: read.action_id, payload: read }];
    const { action_id, options } = read;
    return options.map((option) => ({
      label: option.text.text,
      actionId: action_id,
      payload: { type: 'overflow', action_id, selected_option: option },
    }));
  });
}
