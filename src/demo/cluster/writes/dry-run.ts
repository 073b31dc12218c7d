import { type Answer, invalid } from '../answers.ts';

/** Whether only the answer is wanted, and nothing is to be kept; the refusal where the values are none. */
export function readDryRun(options: 'Create' | 'Update' | 'Patch' | 'Delete', values: readonly string[]): boolean | Answer {
  if (values.every((value) => value === 'All')) return values.length > 0;
  const because = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`;
  return invalid({ called: `${options}Options.meta.k8s.io`, name: '', field: 'dryRun', because });
}
