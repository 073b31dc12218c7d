import type { StepResult } from '../diagnosis/step-result.ts';
/** Placeholder until the real step is in the tree. */
export async function probeEndpoint(): Promise<StepResult> {
  return { findings: [] };
}
