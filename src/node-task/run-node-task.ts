import { asCodedError, CodedError } from '../errors.ts';
import { pause } from '../timing/pause.ts';
import { endTask, lookAtTask, startTask, type TaskOrder, type TaskResult, type TaskRunner } from './task-steps.ts';

/** Between two looks at a pod, ms. */
const LOOK_MS = 500;

/** Has a node do a task by a pod of its own, waits for it, and removes the pod whatever comes of it. Throws what the cluster throws where it cannot be asked. */
export async function runNodeTask(order: TaskOrder, runner: TaskRunner): Promise<TaskResult> {
  const { now, signal } = runner;
  const since = now();
  try {
    await startTask(order, runner);
    for (;;) {
      await pause(LOOK_MS, signal);
      if (signal.aborted) throw new CodedError('node/interrupted', 'It was told to end.');
      const state = await lookAtTask(order, { ...runner, since });
      if (state.status !== 'under-way') return state;
    }
  } catch (cause) {
    const { code, message } = asCodedError(cause);
    // What the API server says no to stays so.
    if (code === 'cluster/forbidden' || code === 'cluster/invalid') return { status: 'failed', because: message };
    throw cause;
  } finally {
    await endTask(order, runner);
  }
}
