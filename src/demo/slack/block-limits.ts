import { z } from 'zod';

/** Where blocks are shown; each place has its own limits. */
export type Surface = 'message' | 'modal' | 'home';

const text = (most: number) => z.string().min(1).max(most);
const Plain = (most: number) => z.strictObject({ type: z.literal('plain_text'), text: text(most), emoji: z.boolean().optional() });
const Markdown = (most: number) => z.strictObject({ type: z.literal('mrkdwn'), text: text(most), verbatim: z.boolean().optional() });
const AnyText = (most: number) => z.union([Plain(most), Markdown(most)]);
const id = text(255).optional();

const Confirm = z.strictObject({
  title: Plain(100),
  text: AnyText(300),
  confirm: Plain(30),
  deny: Plain(30),
  style: z.enum(['primary', 'danger']).optional(),
});
const Button = z.strictObject({
  type: z.literal('button'),
  text: Plain(75),
  action_id: id,
  value: text(2000).optional(),
  url: text(3000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: Confirm.optional(),
  accessibility_label: text(75).optional(),
});
/** A choice of a select; its value holds 75 characters in the older documentation, and that is what is safe. */
const Option = z.strictObject({ text: Plain(75), value: text(75), description: Plain(75).optional() });
const Select = {
  action_id: id,
  placeholder: Plain(150).optional(),
  confirm: Confirm.optional(),
  focus_on_load: z.boolean().optional(),
};
const StaticSelect = z.strictObject({
  type: z.literal('static_select'),
  ...Select,
  options: z.array(Option).min(1).max(100),
  initial_option: Option.optional(),
});
const ExternalSelect = z.strictObject({
  type: z.literal('external_select'),
  ...Select,
  min_query_length: z.int().min(0).optional(),
  initial_option: Option.optional(),
});
const RadioButtons = z.strictObject({
  type: z.literal('radio_buttons'),
  action_id: id,
  options: z.array(Option).min(1).max(10),
  initial_option: Option.optional(),
  confirm: Confirm.optional(),
  focus_on_load: z.boolean().optional(),
});
const PlainInput = z.strictObject({
  type: z.literal('plain_text_input'),
  action_id: id,
  placeholder: Plain(150).optional(),
  initial_value: z.string().max(3000).optional(),
  multiline: z.boolean().optional(),
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
});
const Overflow = z.strictObject({
  type: z.literal('overflow'),
  action_id: id,
  options: z
    .array(z.strictObject({ ...Option.shape, url: text(3000).optional() }))
    .min(1)
    .max(5),
  confirm: Confirm.optional(),
});
const Element = z.discriminatedUnion('type', [Button, Overflow, StaticSelect, ExternalSelect]);

const Style = z.strictObject({
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
  code: z.boolean().optional(),
  strike: z.boolean().optional(),
});
const RichPart = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1), style: Style.optional() }),
  z.strictObject({ type: z.literal('link'), url: text(3000), text: z.string().optional(), style: Style.optional() }),
]);
const RichElement = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(RichPart) }),
  z.strictObject({ type: z.literal('rich_text_preformatted'), elements: z.array(RichPart).min(1), border: z.int().optional() }),
  z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(RichPart).min(1), border: z.int().optional() }),
]);

const Block = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('section'),
      block_id: id,
      text: AnyText(3000).optional(),
      fields: z.array(AnyText(2000)).min(1).max(10).optional(),
      accessory: Element.optional(),
      expand: z.boolean().optional(),
    })
    .refine((block) => block.text !== undefined || block.fields !== undefined, 'a section needs text or fields'),
  z.strictObject({ type: z.literal('header'), block_id: id, text: Plain(150) }),
  z.strictObject({ type: z.literal('divider'), block_id: id }),
  z.strictObject({ type: z.literal('context'), block_id: id, elements: z.array(AnyText(3000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('actions'), block_id: id, elements: z.array(Element).min(1).max(25) }),
  z.strictObject({ type: z.literal('rich_text'), block_id: id, elements: z.array(RichElement).min(1) }),
  z.strictObject({
    type: z.literal('input'),
    block_id: id,
    label: Plain(2000),
    hint: Plain(2000).optional(),
    optional: z.boolean().optional(),
    dispatch_action: z.boolean().optional(),
    element: z.discriminatedUnion('type', [StaticSelect, ExternalSelect, RadioButtons, PlainInput]),
  }),
]);

const MAX_BLOCKS: Readonly<Record<Surface, number>> = { message: 50, modal: 100, home: 100 };
/** Observed, not documented: chat.update and chat.postMessage refuse more than about this over all blocks. */
const MAX_CHARACTERS = 13_200;

/** Everything that Slack would refuse about blocks, a sentence each; empty when they are fine. */
export function blockProblems(blocks: unknown, surface: Surface): readonly string[] {
  const list = z.array(z.unknown()).safeParse(blocks);
  if (!list.success) return ['blocks is not a list'];
  const problems = list.data.flatMap((block, at) => {
    const read = Block.safeParse(block);
    return read.success ? [] : read.error.issues.map(({ path, message }) => `[${[at, ...path].join('.')}] ${message}`);
  });
  if (list.data.length > MAX_BLOCKS[surface]) problems.push(`${list.data.length} blocks, ${MAX_BLOCKS[surface]} are allowed`);
  if (surface === 'message' && list.data.some((block) => Input.safeParse(block).success)) problems.push('a message has no input');
  for (const name of ['block_id', 'action_id'] as const) {
    const ids = namesIn(list.data, name);
    const twice = ids.find((one, at) => ids.indexOf(one) !== at);
    if (twice !== undefined) problems.push(`${name} ${twice} stands twice`);
  }
  if (!isWellFormed(list.data)) problems.push('half a character');
  return problems;
}

const Input = z.looseObject({ type: z.literal('input') });

function namesIn(blocks: readonly unknown[], name: string): readonly string[] {
  return [...JSON.stringify(blocks).matchAll(new RegExp(`"${name}":"((?:[^"\\\\]|\\\\.){1,255})"`, 'g'))].map((match) => match[1] ?? '');
}

function isWellFormed(value: unknown): boolean {
  return JSON.stringify(value)?.match(/\\ud[89a-f][0-9a-f]{2}/i) === null;
}

/** Characters of all texts in blocks, as the undocumented limit counts them. */
export function charactersIn(blocks: unknown): number {
  if (typeof blocks === 'string') return blocks.length;
  if (typeof blocks !== 'object' || blocks === null) return 0;
  return Object.entries(blocks).reduce((sum, [key, value]) => sum + (key === 'type' ? 0 : charactersIn(value)), 0);
}

/** Whether blocks are more than Slack takes in one message. */
export function tooLong(blocks: unknown): boolean {
  return charactersIn(blocks) > MAX_CHARACTERS;
}

/** What Slack would refuse about a modal or home, a sentence each. */
export function viewProblems(view: unknown): readonly string[] {
  const read = View.safeParse(view);
  if (!read.success) return read.error.issues.map(({ path, message }) => `[${path.join('.')}] ${message}`);
  const { type, blocks } = read.data;
  const needsSubmit =
    read.data.type === 'modal' && read.data.submit === undefined && blocks.some((block) => Input.safeParse(block).success);
  return [...blockProblems(blocks, type), ...(needsSubmit ? ['a modal with an input needs submit'] : [])];
}

const View = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('modal'),
    title: Plain(24),
    submit: Plain(24).optional(),
    close: Plain(24).optional(),
    callback_id: id,
    private_metadata: z.string().max(3000).optional(),
    blocks: z.array(z.unknown()).min(1),
    notify_on_close: z.boolean().optional(),
    clear_on_close: z.boolean().optional(),
    external_id: id,
  }),
  z.strictObject({
    type: z.literal('home'),
    callback_id: id,
    private_metadata: z.string().max(3000).optional(),
    blocks: z.array(z.unknown()).min(1),
    external_id: id,
  }),
]);
