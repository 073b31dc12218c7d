import type { OpenQuestion } from '../remediation/plan.ts';
import type { Report } from './report.ts';

/** What nobody could check: what was not seen, questions that would settle the cause, and what was tried in vain beside it. */
export interface OpenItems {
  readonly shortfalls: readonly string[];
  readonly questions: readonly OpenQuestion[];
  readonly tried: readonly string[];
}

/** Each obstacle once, also where it stood in the way of several checks. */
export function openItems(report: Report): OpenItems {
  const questions = report.verdict.unanswered.filter(({ decisive }) => decisive);
  const others = report.verdict.unanswered.filter(({ decisive }) => !decisive);
  const told = new Set([...report.shortfalls, ...questions.map(({ because }) => because)]);
  const tried = new Set(others.map(({ because, question }) => because ?? question).filter((because) => !told.has(because)));
  return { shortfalls: report.shortfalls, questions, tried: [...tried] };
}
