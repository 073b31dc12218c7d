import { describe, expect, it } from 'vitest';
import { InlineQueue } from '../../src/queue/inline-queue.ts';
import { type Task, taskId } from '../../src/queue/task-queue.ts';

const step = (stepId: string, delayMs = 0): Task => ({ kind: 'step', runId: 'run', stepId, attempt: 1, delayMs });

describe('task ids', () => {
  it('differ for different tasks and hold no colon', () => {
    const ids = [step('a'), step('b'), { ...step('a'), attempt: 2 } as Task, { kind: 'say', runId: 'run' } as Task].map(taskId);
    expect(new Set(ids).size).toBe(4);
    expect(ids.join('')).not.toContain(':');
  });
});

describe('the inline queue', () => {
  it('delivers every task, also those added meanwhile, and a waiting one only once', async () => {
    const queue = new InlineQueue();
    const seen: string[] = [];
    await queue.add(step('a'));
    await queue.add(step('a'));
    await queue.drain(async (task) => {
      seen.push(taskId(task));
      if (seen.length === 1) await queue.add(step('b'));
    });
    expect(seen).toEqual(['run.step.a.1', 'run.step.b.1']);
  });

  it('performs waiting tasks at the same time, so that a slow one does not hold up the others', async () => {
    const queue = new InlineQueue();
    await queue.add(step('slow'));
    await queue.add(step('fast'));
    let release = (): void => undefined;
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    const ended: string[] = [];
    await queue.drain(async (task) => {
      if (task.kind !== 'step') return;
      if (task.stepId === 'slow') await blocked;
      else release();
      ended.push(task.stepId);
    });
    expect(ended).toEqual(['fast', 'slow']);
  });

  it('throws what a task threw, after the others have ended', async () => {
    const queue = new InlineQueue();
    await queue.add(step('bad'));
    await queue.add(step('good'));
    let good = false;
    const drained = queue.drain(async (task) => {
      if (task.kind === 'step' && task.stepId === 'bad') throw new Error('as planned');
      await new Promise((resolve) => setImmediate(resolve));
      good = true;
    });
    await expect(drained).rejects.toThrow('as planned');
    expect(good).toBe(true);
  });
});
