import { z } from 'zod';
import { type Finding, inReadingOrder } from '../diagnosis/finding.ts';
import type { NextRetry } from '../diagnosis/pod/backoff.ts';
import type { ImageFailure } from '../diagnosis/pod/pull-history.ts';
import type { Target } from '../diagnosis/pod/target.ts';
import { fitFindings, type ImageSize } from '../diagnosis/registry/image-fit.ts';
import { paceFindings } from '../diagnosis/registry/pull-pace.ts';
import type { PullSurvey, Scope } from '../diagnosis/scope.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import type { Verdict } from '../diagnosis/verdict.ts';
import type { Remediation } from '../remediation/advice.ts';
import type { OpenQuestion } from '../remediation/open-question.ts';

/** How far a step is. Times are RFC 3339. */
export type StepState =
  | { readonly status: 'pending'; readonly failures: number }
  | { readonly status: 'started'; readonly attempt: number; readonly delayMs: number; readonly at: string }
  | { readonly status: 'done'; readonly durationMs: number }
  | { readonly status: 'skipped'; readonly because: string }
  | { readonly status: 'failed'; readonly code: string; readonly because: string; readonly durationMs: number };

/** What a finished run says. */
export interface Conclusion {
  /** Name of the container or volume that the verdict is about; absent when no image fails. */
  readonly container?: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly means?: string;
  readonly prevention?: string;
  readonly scope?: Scope;
  readonly retry?: NextRetry;
  readonly remediation: readonly Remediation[];
  readonly unanswered: readonly OpenQuestion[];
}

/** One execution of a runbook against one target: everything about it, and all that is stored. */
export interface Run {
  readonly id: string;
  readonly incidentId: string;
  readonly runbook: string;
  readonly target: Target;
  readonly trigger: Trigger;
  readonly startedAt: string;
  /** Grows with every stored change; a writer that read an older one has to read again. */
  readonly revision: number;
  readonly steps: Readonly<Record<string, StepState>>;
  readonly findings: readonly Finding[];
  readonly failures: readonly ImageFailure[];
  readonly survey?: PullSurvey;
  readonly sizes?: readonly ImageSize[];
  readonly imageSpace?: number;
  readonly imageCapacity?: number;
  readonly shortfalls: readonly Shortfall[];
  readonly conclusion?: Conclusion;
  /** How far the plan is that people decide about; absent as long as nobody proposed one. */
  readonly plan?: PlanProgress;
}

export const PLAN_STATUSES = ['proposed', 'acting', 'verifying', 'ended'] as const;
/** How far a plan is. What it says, and who decided, stands in the plan's own record. */
export interface PlanProgress {
  readonly planId: string;
  readonly status: (typeof PLAN_STATUSES)[number];
  /** RFC 3339; since when. */
  readonly since: string;
}

/** What a step could not see, why, and what would help. */
export interface Shortfall {
  readonly stepId: string;
  readonly says: string;
  /** The question that it leaves open, where that is less than the whole one of the step. */
  readonly question?: string;
}

/** Why a diagnosis began. `user` is the chat's id of a person, `source` the name of a configured alert source. */
export const Trigger = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cli') }),
  z.strictObject({ kind: z.literal('alert'), source: z.string() }),
  z.strictObject({ kind: z.literal('watch') }),
  z.strictObject({ kind: z.enum(['command', 'mention', 'shortcut', 'picker', 'rerun']), user: z.string() }),
]);
export type Trigger = Readonly<z.infer<typeof Trigger>>;

/** True where no person asked. */
export function isAutomatic({ kind }: Trigger): boolean {
  return kind === 'alert' || kind === 'watch';
}

/** What can happen to a run. */
export type RunEvent =
  | { readonly type: 'step-started'; readonly stepId: string; readonly attempt: number; readonly delayMs: number; readonly at: string }
  | { readonly type: 'step-skipped'; readonly stepId: string; readonly because: string }
  | { readonly type: 'step-done'; readonly stepId: string; readonly attempt: number; readonly result: StepResult; readonly at: string }
  | {
      readonly type: 'step-failed';
      readonly stepId: string;
      readonly attempt: number;
      readonly code: string;
      readonly because: string;
      readonly mayRetry: boolean;
      readonly at: string;
    }
  | { readonly type: 'concluded'; readonly conclusion: Conclusion }
  /** A new plan takes the place of one that nobody has acted on. */
  | { readonly type: 'plan-proposed'; readonly planId: string; readonly at: string }
  | { readonly type: 'plan-approved' | 'plan-applied' | 'plan-ended'; readonly planId: string; readonly at: string };

/** The only function that changes a run. What arrives twice, or for an attempt that is over, changes nothing. */
export function applyEvent(run: Run, event: RunEvent): Run {
  switch (event.type) {
    case 'step-started':
      if (stateOf(run, event.stepId).status !== 'pending') return run;
      return withStep(run, event.stepId, { status: 'started', attempt: event.attempt, delayMs: event.delayMs, at: event.at });
    case 'step-skipped':
      if (stateOf(run, event.stepId).status !== 'pending') return run;
      return withStep(run, event.stepId, { status: 'skipped', because: event.because });
    case 'step-done': {
      const state = stateOf(run, event.stepId);
      if (state.status !== 'started' || state.attempt !== event.attempt) return run;
      return withResult(
        withStep(run, event.stepId, { status: 'done', durationMs: elapsed(state.at, event.at) }),
        event.stepId,
        event.result,
      );
    }
    case 'step-failed': {
      const state = stateOf(run, event.stepId);
      if (state.status !== 'started' || state.attempt !== event.attempt) return run;
      if (event.mayRetry) return withStep(run, event.stepId, { status: 'pending', failures: event.attempt });
      return withStep(run, event.stepId, {
        status: 'failed',
        code: event.code,
        because: event.because,
        durationMs: elapsed(state.at, event.at),
      });
    }
    case 'concluded':
      return run.conclusion ? run : { ...run, conclusion: event.conclusion };
    case 'plan-proposed':
      return run.conclusion && canPropose(run.plan) ? { ...run, plan: { planId: event.planId, status: 'proposed', since: event.at } } : run;
    case 'plan-approved':
      return withPlan(run, event, ['proposed'], 'acting');
    case 'plan-applied':
      return withPlan(run, event, ['acting'], 'verifying');
    case 'plan-ended':
      return withPlan(run, event, ['proposed', 'acting', 'verifying'], 'ended');
    default:
      return event satisfies never;
  }
}

/** A plan that is being carried out is seen to its end first. */
function canPropose(plan: PlanProgress | undefined): boolean {
  return plan === undefined || plan.status === 'proposed' || plan.status === 'ended';
}

/** The run with its plan moved on; the very run where the event is about another plan, or not due. */
function withPlan(
  run: Run,
  { planId, at }: { readonly planId: string; readonly at: string },
  from: readonly PlanProgress['status'][],
  status: PlanProgress['status'],
): Run {
  if (run.plan?.planId !== planId || !from.includes(run.plan.status)) return run;
  return { ...run, plan: { planId, status, since: at } };
}

/** Takes in what a step brought; of the larger observations each has one step that makes it, and two together tell whether an image fits, or is pulled too slowly. */
function withResult(run: Run, stepId: string, result: StepResult): Run {
  const { findings, failures = [], shortfall, openQuestion, ...observations } = result;
  const missed = { stepId, says: shortfall ?? '', ...(openQuestion === undefined ? {} : { question: openQuestion }) };
  const after = { ...run, ...observations };
  const isNew = result.sizes !== undefined || result.imageSpace !== undefined || result.imageCapacity !== undefined;
  return {
    ...after,
    findings: inReadingOrder([...run.findings, ...findings, ...(isNew ? fitOf(after) : []), ...paceOf(run, result)]),
    failures: [...run.failures, ...failures],
    shortfalls: shortfall === undefined ? run.shortfalls : [...run.shortfalls, missed],
  };
}

function fitOf({ sizes = [], imageSpace, imageCapacity, target, startedAt }: Run): readonly Finding[] {
  return fitFindings(sizes, { node: target.node ?? 'the node', freeBytes: imageSpace, capacityBytes: imageCapacity }, startedAt);
}

/** The step that asks for sizes comes after the one that sees which pulls last long. */
function paceOf({ findings, startedAt }: Run, { sizes = [] }: StepResult): readonly Finding[] {
  return paceFindings(findings, sizes, startedAt);
}

/** A step nothing is known about yet is pending. */
export function stateOf(run: Run, stepId: string): StepState {
  return run.steps[stepId] ?? { status: 'pending', failures: 0 };
}

function withStep(run: Run, stepId: string, state: StepState): Run {
  return { ...run, steps: { ...run.steps, [stepId]: state } };
}

function elapsed(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}
