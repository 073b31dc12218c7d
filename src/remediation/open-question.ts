import type { CauseCatalogue } from './cause-catalogue.ts';
import { type Command, filled } from './command.ts';
import { fillText, type PlaceholderValues } from './placeholders.ts';

/** A check that was not made, or that failed. */
export interface OpenCheck {
  readonly check: string;
  /** True when the cause would be surer with it; the others were tried and fell short. */
  readonly decisive: boolean;
  /** What stood in the way. */
  readonly because?: string;
  /** What is left to ask, where most of the check was made. */
  readonly asks?: string;
}

/** A question nobody answered, with what would answer it. */
export interface OpenQuestion extends OpenCheck {
  readonly question: string;
  readonly enable: string;
  readonly commands: readonly Command[];
}

/** Open checks, as questions about this pod. */
export function openQuestions(checks: readonly OpenCheck[], catalogue: CauseCatalogue, values: PlaceholderValues): readonly OpenQuestion[] {
  return checks.flatMap(({ asks, ...open }) => {
    const template = catalogue.checks[open.check];
    if (!template) return [];
    // What would answer the whole question is of no use to one who lacks a part.
    if (asks !== undefined) return [{ ...open, question: asks, enable: '', commands: [] }];
    return [
      {
        ...open,
        question: fillText(template.question, values),
        enable: fillText(template.enable, values),
        commands: template.commands.map((command) => filled(command, values)),
      },
    ];
  });
}
