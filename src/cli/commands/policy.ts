import { readExpectations, readPlan, readPolicy } from '../../app/approvals.ts';
import { type Plan, shortDigest } from '../../approval/plan.ts';
import { type ApprovalPolicy, policyDigest } from '../../approval/policy.ts';
import { checkExpectations } from '../../approval/preview/expectations.ts';
import { type Explanation, explainPolicy } from '../../approval/preview/explain-policy.ts';
import { namespaceOf } from '../../approval/remedy.ts';
import { hanging, type Paint, readableWidth } from '../../report/layout.ts';
import { sha256 } from '../../signing/ed25519.ts';
import { printable } from '../../text/printable.ts';
import { count, sentence } from '../../text/wording.ts';
import { paintFor, print, widthOf } from '../output.ts';

/** What `imagepull policy` can do with a file. */
export type PolicyTask = 'explain' | 'test';

/** Options of `imagepull policy`. */
export interface PolicyOptions {
  readonly policy?: string;
  readonly botNamespace?: string;
}

/** `imagepull policy explain PLAN` and `imagepull policy test TABLE`. The latter ends with exit code 1 where an expectation is not met. */
export async function policyCommand(task: PolicyTask, file: string, options: PolicyOptions): Promise<void> {
  const policy = readPolicy(options.policy, options.botNamespace);
  const paint = paintFor(process.stdout);
  const width = readableWidth(widthOf(process.stdout));
  if (task === 'explain') {
    const plan = readPlan(file);
    return print(explanationText(printable(plan), printable(explainPolicy(plan, policy, sha256)), { policy, paint, width }));
  }
  const checked = checkExpectations(readExpectations(file), policy, sha256);
  const failed = printable(checked.filter(({ differs }) => differs.length > 0));
  const lines = failed.flatMap(({ name, differs }) => [
    ...hanging('✗ ', name, width).map(paint.bad),
    ...differs.flatMap((text) => hanging('    ', text, width)),
  ]);
  const met = checked.length - failed.length;
  const summary = failed.length === 0 ? `${count(met, 'expectation')} met` : `${met} of ${count(checked.length, 'expectation')} met`;
  await print(`${[...lines, failed.length === 0 ? paint.good(`✓ ${summary}`) : summary].join('\n')}\n`);
  if (failed.length > 0) process.exitCode = 1;
}

function explanationText(
  plan: Plan,
  explanation: Explanation,
  { policy, paint, width }: { readonly policy: ApprovalPolicy; readonly paint: Paint; readonly width: number },
): string {
  const digest = policyDigest(policy, sha256);
  const namespace = namespaceOf(plan.remedy);
  const where = `${namespace === undefined ? '' : `in ${namespace} `}on ${plan.cluster}`;
  const head = [paint.strong(`${plan.remedy.id} ${where}, ${plan.risk} risk`), paint.faint(`policy ${shortDigest(digest)}`), ''];
  if (explanation.rule === undefined) return `${[...head, ...hanging('✗ ', explanation.because, width)].join('\n')}\n`;
  return `${[
    ...head,
    paint.strong(`Rule "${explanation.rule}"`),
    ...explanation.conditions.flatMap((text) => hanging('  · ', sentence(text), width)),
    '',
    paint.strong('Who'),
    ...explanation.lines.flatMap(({ who, may, because }) =>
      hanging(`  ${may ? '+' : '-'} `, `${who} ${may ? 'may' : 'may not'}: ${sentence(because)}`, width),
    ),
  ].join('\n')}\n`;
}
