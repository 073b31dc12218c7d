import type { Story } from '../stories/story.ts';

type Step = Story['steps'][number];

/** What somebody did in Slack, as far as a step can be about it. */
export type Done =
  | { readonly kind: 'click'; readonly label: string }
  /** A window was sent off that a click on this label had opened. */
  | { readonly kind: 'submit'; readonly label: string | undefined; readonly values: readonly string[] };

/** What to do for a step, in a sentence; undefined for what comes by itself. */
export function hintOf(step: Step): { readonly who?: string; readonly text: string } | undefined {
  switch (step.step) {
    case 'ask':
      return { who: step.who, text: `Write /imagepull diagnose, and choose a pod of ${step.workload} that fails.` };
    case 'propose':
      return { who: step.who, text: `Press “${step.button}” on the card.` };
    case 'choose':
      return { who: step.who, text: `Press “${step.button}” on the card, choose ${step.value} and make a plan.` };
    case 'approve':
      return { who: step.who, text: `Press “Review …”, read the plan and approve it, with a reason such as “${step.reason}”.` };
    case 'deny':
      return { who: step.who, text: `Press “Deny …” and say why, for instance “${step.reason}”.` };
    case 'arrives':
      return { text: 'Wait: the bot sees it by itself, and looks into it.' };
    case 'see':
      return { text: `Wait until the card says “${step.card.trim()}”.` };
    default:
      return undefined;
  }
}

/** Whether a step is what somebody did. */
function isDoneBy(step: Step, done: Done): boolean {
  switch (step.step) {
    case 'propose':
      return done.kind === 'click' && done.label === step.button;
    case 'choose':
      return done.kind === 'submit' && done.label === step.button && done.values.includes(step.value);
    case 'approve':
      return done.kind === 'submit' && done.label === 'Review …';
    case 'deny':
      return done.kind === 'submit' && done.label === 'Deny …';
    default:
      return false;
  }
}

/**
 * The step that comes after somebody did something: the one behind the first that it was, if only texts that had to be waited for lie before
 * that; else the same one.
 */
export function stepAfter(steps: readonly Step[], at: number, done: Done): number {
  const next = steps.findIndex((step, index) => index >= at && step.step !== 'see');
  const step = steps[next];
  return step !== undefined && isDoneBy(step, done) ? next + 1 : at;
}
