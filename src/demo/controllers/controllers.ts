import { runDeployments } from './deployment.ts';
import { runGarbageCollector } from './garbage-collector.ts';
import type { ControllerParts } from './reconciler.ts';
import { runReplicaSets } from './replica-set.ts';
import { runScheduler } from './scheduler.ts';

/** Runs the scheduler and all controllers, until what it returns is called. */
export function runControllers(parts: ControllerParts): () => void {
  const ends = [runDeployments, runReplicaSets, runScheduler, runGarbageCollector].map((run) => run(parts));
  return () => {
    for (const end of ends) end();
  };
}
