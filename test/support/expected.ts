import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { surerFirst } from '../../src/diagnosis/verdict.ts';
import type { Conclusion } from '../../src/runbook/run.ts';
import { catalogue } from './rules.ts';

const SCOPES = ['pod', 'workload', 'node', 'image', 'registry', 'namespace', 'cluster'] as const;
const CONFIDENCES = ['possible', 'likely', 'confirmed'] as const;
const Cause = z.enum([...catalogue.causes.map(({ id }) => id), 'undetermined']);

/**
 * The truth about a case, written by hand from what is known of the pod and never from a report: test/cases/NAME/expected.yaml. No tool
 * writes it.
 */
const Expected = z.union([
  z.strictObject({
    /** What is broken in the world of the pod, in a sentence. */
    broken: z.string().min(1),
    cause: Cause,
    /** Causes that may stand first where the recording cannot tell them from the true one, which the report still has to name. */
    alsoAccepted: z.array(Cause).min(1).optional(),
    /** The report may be surer than that. */
    leastConfidence: z.enum(CONFIDENCES),
    /** What holds every pod that is broken by it. */
    scope: z.enum(SCOPES),
    /** The action of the first entry under "What to do", as in runbooks/causes.yaml. */
    firstAction: z.string().min(1),
    /** What the report says instead today, where it is wrong; the test fails once it no longer is, so that the line goes. */
    disagrees: z
      .strictObject({ cause: Cause, confidence: z.enum(CONFIDENCES), scope: z.enum(SCOPES), firstAction: z.string() })
      .partial()
      .optional(),
  }),
  z.strictObject({ broken: z.string().min(1), cause: z.null() }),
]);
export type Expected = z.infer<typeof Expected>;

/** Reads the truth about a case. Throws a sentence that says what to write where there is none, or what is wrong with it. */
export async function readExpected(folder: string): Promise<Expected> {
  const path = join(folder, 'expected.yaml');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(
      `${path} is missing. Write it by hand, from what is known of the pod and not from the report: broken (what is broken, in a sentence), cause (an id of runbooks/causes.yaml, undetermined, or null where no image fails) and, unless that is null, leastConfidence (${CONFIDENCES.join(', ')}), scope (${SCOPES.join(', ')}) and firstAction (what to do first, an action of runbooks/causes.yaml).`,
      { cause },
    );
  });
  const read = Expected.safeParse(parse(text));
  if (!read.success) throw new Error(`${path} is no truth about a case. ${z.prettifyError(read.error)}`, { cause: read.error });
  return read.data;
}

/** What a conclusion says otherwise than the truth, one sentence each. */
export function differences(expected: Expected, { verdict, scope, remediation }: Conclusion): readonly string[] {
  if (expected.cause === null)
    return verdict.cause === null ? [] : [`cause: nothing is wrong with an image, and the report says ${verdict.cause}`];
  const { disagrees = {}, alsoAccepted = [] } = expected;
  const first = remediation[0]?.action;
  const sure = verdict.cause !== null && surerFirst(verdict.confidence, expected.leastConfidence) <= 0;
  const named = [verdict.cause, ...verdict.alternatives.map(({ cause }) => cause)];
  const isCause = verdict.cause === expected.cause || (alsoAccepted.some((id) => id === verdict.cause) && named.includes(expected.cause));
  return [
    compared('cause', isCause, expected.cause, verdict.cause, disagrees.cause),
    compared('confidence', sure, `${expected.leastConfidence} or surer`, verdict.confidence, disagrees.confidence),
    compared('scope', scope?.level === expected.scope, expected.scope, scope?.level, disagrees.scope),
    compared('firstAction', first === expected.firstAction, expected.firstAction, first, disagrees.firstAction),
  ].flat();
}

function compared(
  what: string,
  isTrue: boolean,
  truth: string,
  said: string | null | undefined,
  known: string | undefined,
): readonly string[] {
  if (known !== undefined && isTrue) return [`${what}: the report is right now; take it out of disagrees`];
  return isTrue || said === known ? [] : [`${what}: it is ${truth}, and the report says ${said ?? 'nothing'}`];
}
