import { z } from 'zod';
import { viewProblems } from './block-limits.ts';
import type { OpenedView, Workspace } from './workspace.ts';

const Answer = z.discriminatedUnion('response_action', [
  z.object({ response_action: z.undefined().optional() }),
  z.object({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) }),
  z.object({ response_action: z.enum(['update', 'push']), view: z.unknown() }),
  z.object({ response_action: z.literal('clear') }),
]);

/** What becomes of a window that was sent off, by what the app acknowledged it with: it closes, unless that says otherwise. Throws what Slack shows as an error. */
export function settleSubmission(workspace: Workspace, opened: OpenedView, acknowledged: unknown): void {
  opened.errors = {};
  const answer = Answer.parse(acknowledged || {});
  switch (answer.response_action) {
    case undefined:
      opened.open = false;
      break;
    case 'clear':
      for (const view of workspace.views) if (view.user === opened.user) view.open = false;
      break;
    case 'errors':
      opened.errors = answer.errors;
      break;
    case 'update':
      workspace.replaceView(opened, checked(answer.view));
      break;
    case 'push':
      workspace.openView(opened.user, checked(answer.view));
      break;
  }
  workspace.changed();
}

function checked(view: unknown): unknown {
  const problems = viewProblems(view);
  if (problems.length > 0) throw new Error(`the app answered with a view that Slack refuses: ${problems.join('; ')}`);
  return view;
}

const Fields = z.looseObject({
  blocks: z.array(
    z.looseObject({
      type: z.string(),
      block_id: z.string().default(''),
      optional: z.boolean().default(false),
      element: z
        .looseObject({
          initial_option: z.looseObject({ value: z.string() }).optional(),
          initial_value: z.string().optional(),
          options: z.array(z.looseObject({ value: z.string() })).optional(),
          min_length: z.number().default(0),
          max_length: z.number().default(3_000),
        })
        .optional(),
    }),
  ),
});

/** What Slack itself finds wrong with the fields of a window before it sends them off, by block. */
export function fieldErrors(view: unknown, values: Readonly<Record<string, string>>): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { type, block_id: id, optional, element } of Fields.parse(view).blocks) {
    if (type !== 'input' || element === undefined) continue;
    const value = values[id] ?? element.initial_option?.value ?? element.initial_value ?? '';
    const problem = fieldProblem(value, { ...element, optional });
    if (problem !== undefined) errors[id] = problem;
  }
  return errors;
}

function fieldProblem(
  value: string,
  field: {
    readonly optional: boolean;
    readonly min_length: number;
    readonly max_length: number;
    readonly options?: readonly { readonly value: string }[] | undefined;
  },
): string | undefined {
  if (value === '') return field.optional ? undefined : 'Fill in this field.';
  if (value.length < field.min_length) return `This needs at least ${field.min_length} characters.`;
  if (value.length > field.max_length) return `This has ${value.length} characters; at most ${field.max_length} fit.`;
  return field.options?.some((option) => option.value === value) === false ? 'Choose one of the list.' : undefined;
}
