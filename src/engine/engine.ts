import type { Chat } from '../chat/chat.ts';
import type { PullErrorClassifier } from '../diagnosis/pull-error.ts';
import { asCodedError, CodedError } from '../errors.ts';
import { diffThread, threadFor } from '../incident/thread.ts';
import type { Task, TaskQueue } from '../queue/task-queue.ts';
import type { CauseCatalogue } from '../remediation/plan.ts';
import { applyEvent, type Run, type RunEvent, type StepState, stateOf, type Trigger } from '../runbook/run.ts';
import type { Runbook, RunbookStep } from '../runbook/runbook.ts';
import { settle } from '../runbook/settle.ts';
import type { Probe, ProbeContext, Sources } from '../steps/step.ts';
import type { Store } from '../store/store.ts';
import { findTarget } from './find-target.ts';

/** Everything an engine works with; app.ts puts it together. */
export interface EngineParts {
  readonly runbook: Runbook;
  readonly catalogue: CauseCatalogue;
  readonly classify: PullErrorClassifier;
  readonly probes: Readonly<Record<string, Probe>>;
  readonly sources: Sources;
  /** Steps that are not wanted, with the reason people are told: `--no-registry was given`. */
  readonly unwanted: Readonly<Record<string, string>>;
  readonly mayReadSecrets: boolean;
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly chat: Chat;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Starts runs and performs their tasks. Everything may be called twice, at the same time and in any order. */
export interface Engine {
  /** Finds the pod and starts a run for it; answers with the run's id. Throws what findTarget throws. */
  start(request: { readonly namespace: string; readonly pod: string; readonly trigger: Trigger }): Promise<string>;
  /** Performs a task of the queue. Throws only what another delivery may mend; a step's failure is an outcome of its run. */
  perform(task: Task): Promise<void>;
}

/** The loop of a diagnosis: fold what happened, settle, commit, then queue what is new, then say it. */
export function createEngine(parts: EngineParts): Engine {
  const { runbook, store, queue, now } = parts;

  async function start(request: Parameters<Engine['start']>[0]): Promise<string> {
    const target = await findTarget(parts.sources.cluster, request);
    const run: Run = {
      id: parts.newId(),
      runbook: `${runbook.name}@${runbook.version}`,
      target,
      trigger: request.trigger,
      startedAt: now().toISOString(),
      revision: 0,
      steps: Object.fromEntries(
        Object.entries(parts.unwanted).map(([id, because]): [string, StepState] => [id, { status: 'skipped', because }]),
      ),
      findings: [],
      failures: [],
      shortfalls: [],
    };
    await store.createRun(run);
    await advance(run.id, []);
    return run.id;
  }

  async function perform(task: Task): Promise<void> {
    switch (task.kind) {
      case 'step':
        return performStep(task);
      case 'say':
        return say(task.runId);
      default:
        return task satisfies never;
    }
  }

  async function performStep(task: Extract<Task, { kind: 'step' }>): Promise<void> {
    const run = await store.readRun(task.runId);
    const state = stateOf(run, task.stepId);
    if (state.status !== 'started' || state.attempt !== task.attempt) return; // delivered before, or no longer wanted
    const step = runbook.steps.find((candidate) => candidate.id === task.stepId);
    if (!step) throw new CodedError('engine/unknown-step', `Runbook ${runbook.name} has no step ${task.stepId}.`);
    await advance(run.id, [await outcomeOf(step, run, task.attempt)]);
  }

  /** Runs the probe within its time. Whatever it throws is told as the step's failure. */
  async function outcomeOf(step: RunbookStep, run: Run, attempt: number): Promise<RunEvent> {
    const stepId = step.id;
    const signal = AbortSignal.timeout(step.timeoutMs);
    try {
      const probe = parts.probes[step.uses];
      if (!probe) throw new CodedError('engine/unknown-probe', `There is no probe ${step.uses}.`);
      const context: ProbeContext = {
        ...parts.sources,
        target: run.target,
        findings: run.findings,
        failures: run.failures,
        mayReadSecrets: parts.mayReadSecrets,
        classify: parts.classify,
        now: now(),
        signal,
      };
      const result = await Promise.race([probe(context), expiry(signal, step)]);
      return { type: 'step-done', stepId, attempt, result, at: now().toISOString() };
    } catch (cause) {
      const error = signal.aborted ? expired(step) : asCodedError(cause);
      const mayRetry = error.retryable && attempt < step.attempts;
      return { type: 'step-failed', stepId, attempt, code: error.code, because: error.message, mayRetry, at: now().toISOString() };
    }
  }

  /** Commits before anything is queued, so that a crash in between loses no step, and queues only what this commit started. */
  async function advance(runId: string, happened: readonly RunEvent[]): Promise<void> {
    const { before, after } = await store.updateRun(runId, (run) =>
      settle(happened.reduce(applyEvent, run), { runbook, catalogue: parts.catalogue, now: now() }),
    );
    for (const [stepId, state] of Object.entries(after.steps)) {
      if (state.status !== 'started') continue;
      const earlier = stateOf(before, stepId);
      if (earlier.status === 'started' && earlier.attempt === state.attempt) continue;
      await queue.add({ kind: 'step', runId, stepId, attempt: state.attempt, delayMs: state.delayMs });
    }
    if (after !== before) await queue.add({ kind: 'say', runId });
  }

  /** One writer per run, always from the newest state: who comes late finds nothing left to say. */
  async function say(runId: string): Promise<void> {
    await store.serialise(runId, async () => {
      const wanted = threadFor(await store.readRun(runId), runbook);
      for (const operation of diffThread(wanted, await store.readPosted(runId))) {
        const { message } = operation;
        const ts = operation.op === 'post' ? (await parts.chat.post(runId, message)).ts : operation.ts;
        if (operation.op === 'update') await parts.chat.update(runId, ts, message);
        await store.writePosted(runId, message.key, { ts, text: message.text });
      }
    });
  }

  return { start, perform };
}

/** A probe that does not honour its signal must not hold up the run. */
function expiry(signal: AbortSignal, step: RunbookStep): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(expired(step)), { once: true });
  });
}

function expired(step: RunbookStep): CodedError {
  return new CodedError('engine/timeout', `${step.title}: no result within ${step.timeoutMs / 1000} s.`);
}
