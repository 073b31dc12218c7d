import { z } from 'zod';
import { type Answer, no, yes } from './answer.ts';
import { viewProblems } from './block-limits.ts';
import type { TriggerUse } from './triggers.ts';
import type { OpenedView, Workspace } from './workspace.ts';

/** At most so many windows lie upon each other. */
const MAX_STACK = 3;

interface Opening {
  readonly workspace: Workspace;
  readonly spendTrigger: (id: string) => TriggerUse;
}

export function openView(given: object, { workspace, spendTrigger }: Opening): Answer {
  const read = z.object({ trigger_id: z.string(), view: z.unknown() }).safeParse(given);
  if (!read.success) return no('invalid_arguments');
  const { trigger_id: trigger, view } = read.data;
  const wrong = viewProblem(view);
  if (wrong) return wrong;
  const used = spendTrigger(trigger);
  return 'error' in used ? no(used.error) : yes({ view: shownView(workspace.openView(used.user, view)) });
}

/** A window upon the one that is open. */
export function pushView(given: object, parts: Opening): Answer {
  const read = z.object({ trigger_id: z.string(), view: z.unknown() }).safeParse(given);
  if (!read.success) return no('invalid_arguments');
  const { trigger_id: trigger, view } = read.data;
  const wrong = viewProblem(view);
  if (wrong) return wrong;
  const used = parts.spendTrigger(trigger);
  if ('error' in used) return no(used.error);
  const below = parts.workspace.views.filter(({ user, open }) => open && user === used.user).length;
  if (below === 0) return no('not_found');
  return below >= MAX_STACK ? no('push_limit_reached') : yes({ view: shownView(parts.workspace.openView(used.user, view)) });
}

export function updateView(given: object, workspace: Workspace): Answer {
  const read = z.object({ view_id: z.string(), view: z.unknown(), hash: z.string().optional() }).safeParse(given);
  if (!read.success) return no('invalid_arguments');
  const { view_id: id, view, hash } = read.data;
  const wrong = viewProblem(view);
  if (wrong) return wrong;
  const opened = workspace.views.find((one) => one.id === id);
  if (opened === undefined) return no('not_found');
  if (hash !== undefined && hash !== hashOf(opened)) return no('hash_conflict');
  workspace.replaceView(opened, view);
  return yes({ view: shownView(opened) });
}

function viewProblem(view: unknown): Answer | undefined {
  const problems = viewProblems(view);
  return problems.length === 0 ? undefined : no('invalid_arguments', { response_metadata: { messages: problems } });
}

/** What a view of a window is known by. */
function hashOf({ id, version }: OpenedView): string {
  return `${id}.${version}`;
}

/** A window as the API shows it. */
export function shownView(opened: OpenedView): object {
  return { id: opened.id, hash: hashOf(opened), ...Object(opened.view) };
}

export function publishHome(given: object, workspace: Workspace): Answer {
  const read = z.object({ user_id: z.string(), view: z.unknown() }).safeParse(given);
  if (!read.success) return no('invalid_arguments');
  const problems = viewProblems(read.data.view);
  if (problems.length > 0) return no('invalid_arguments', { response_metadata: { messages: problems } });
  workspace.homes.set(read.data.user_id, read.data.view);
  workspace.changed();
  return yes({ view: { id: 'VHOME' } });
}
