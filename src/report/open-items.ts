import type { Report } from './report.ts';
import { questionTexts } from './text-parts.ts';

/** What nobody could check: what was not seen, questions that would settle the cause, and what was tried in vain beside it. */
export interface OpenItems {
  readonly shortfalls: readonly string[];
  readonly questions: readonly { readonly says: string; readonly commands: Report['verdict']['unanswered'][number]['commands'] }[];
  readonly tried: readonly string[];
}

/** Each obstacle once, also where it stood in the way of several checks. */
export function openItems(report: Report): OpenItems {
  const questions = report.verdict.unanswered.filter(({ decisive }) => decisive);
  const others = report.verdict.unanswered.filter(({ decisive }) => !decisive);
  const told = new Set([...report.shortfalls, ...questions.map(({ because }) => because)]);
  const tried = new Set(others.map(({ because, question }) => because ?? question).filter((because) => !told.has(because)));
  const texts = questionTexts(questions);
  return {
    shortfalls: report.shortfalls,
    questions: questions.map(({ commands }, at) => ({ says: texts[at] ?? '', commands })),
    tried: [...tried],
  };
}
