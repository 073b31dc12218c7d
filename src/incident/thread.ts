import { duration } from '../diagnosis/wording.ts';
import { type Run, type StepState, stateOf } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';

/** A message is named by its key: said again with other text it edits the earlier one, unchanged it does nothing. */
export interface Message {
  readonly key: string;
  readonly text: string;
}

/** What was said, by key; `ts` is the chat's name for the message. */
export type Posted = Readonly<Record<string, { readonly ts: string; readonly text: string }>>;

/** One thing to do in a chat; `ts` names the message to edit. */
export type ChatOperation =
  | { readonly op: 'post'; readonly message: Message }
  | { readonly op: 'update'; readonly ts: string; readonly message: Message };

/** What people should see of a run now: one card. */
export function threadFor(run: Run, runbook: Runbook): readonly Message[] {
  const { namespace, pod } = run.target;
  const lines = runbook.steps.map((step) => stepLine(stateOf(run, step.id), step.title));
  const verdict = run.conclusion ? [run.conclusion.title] : [];
  return [{ key: 'card', text: [`Diagnosing ${namespace}/${pod}`, ...lines, ...verdict].join('\n') }];
}

/** The fewest operations that turn what was said into what should be said. */
export function diffThread(wanted: readonly Message[], posted: Posted): readonly ChatOperation[] {
  return wanted.flatMap((message): ChatOperation[] => {
    const before = posted[message.key];
    if (!before) return [{ op: 'post', message }];
    return before.text === message.text ? [] : [{ op: 'update', ts: before.ts, message }];
  });
}

function stepLine(state: StepState, title: string): string {
  switch (state.status) {
    case 'pending':
      return `  ○ ${title}`;
    case 'started':
      return `  … ${title}`;
    case 'done':
      return `  ✓ ${title} (${state.durationMs < 1000 ? `${state.durationMs} ms` : duration(state.durationMs)})`;
    case 'skipped':
      return `  – ${title}: not needed, ${state.because}`;
    case 'failed':
      return `  ✗ ${title}: ${state.because.split('\n', 1)[0]}`;
    default:
      return state satisfies never;
  }
}
