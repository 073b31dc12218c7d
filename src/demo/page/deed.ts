import { z } from 'zod';

const Id = z.string().min(1).max(64);
const Ts = z.string().regex(/^\d{1,12}\.\d{6}$/);
const Label = z.string().min(1).max(255);

/** What somebody does in the page, as the page sends it. */
export const Deed = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('write'), who: Id, channel: Id, thread: Ts.optional(), text: z.string().min(1).max(4_000) }),
  /** On a button or an entry of a menu. */
  z.strictObject({ do: z.literal('click'), who: Id, channel: Id, ts: Ts, actionId: Label, label: Label }),
  z.strictObject({ do: z.literal('shortcut'), who: Id, channel: Id, ts: Ts }),
  z.strictObject({ do: z.literal('dismiss'), who: Id, ts: Ts }),
  z.strictObject({ do: z.literal('home'), who: Id }),
  z.strictObject({
    do: z.literal('submit'),
    who: Id,
    view: z.int().min(0).max(100_000),
    values: z.record(z.string().max(255), z.string().max(3_000)),
  }),
  z.strictObject({ do: z.literal('close'), who: Id, view: z.int().min(0).max(100_000) }),
  z.strictObject({
    do: z.literal('suggest'),
    who: Id,
    view: z.int().min(0).max(100_000),
    actionId: Label,
    typed: z.string().max(200),
  }),
  z.strictObject({ do: z.literal('begin'), story: Id }),
  z.strictObject({ do: z.literal('play') }),
  z.strictObject({ do: z.literal('stop') }),
  z.strictObject({ do: z.literal('pause') }),
  z.strictObject({ do: z.literal('run'), speed: z.number().min(0.1).max(100) }),
  z.strictObject({ do: z.literal('step'), seconds: z.number().min(1).max(3_600) }),
]);
export type Deed = z.infer<typeof Deed>;
/** What is done in Slack, in distinction to what is done with the story. */
export type SlackDeed = Extract<Deed, { readonly who: string }>;
