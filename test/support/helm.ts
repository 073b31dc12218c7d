import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { type RenderedObject, readObjects } from '../helm/rendered.ts';

const run = promisify(execFile);

export const CHART = 'helm';
const VALUES = 'test/with-helm/values';
/** A Helm that was built by hand believes in a Kubernetes of long ago. */
const KUBERNETES = '1.33.0';

/** The sets of values that the chart is tried with. */
export const VALUE_SETS: readonly string[] = readdirSync(VALUES).map((file) => file.replace(/\.yaml$/, ''));
/** Those of which everything that is rendered is kept in test/with-helm/golden. */
export const GOLDEN = [
  'default',
  'everything',
  'further-cluster',
  'node-tasks',
  'remedies-of-some-namespaces',
  'remedies-with-roles-only',
] as const;

export const goldenFile = (name: string): string => `test/with-helm/golden/${name}.yaml`;
export const valuesOf = (name: string): readonly string[] => ['--values', `${VALUES}/${name}.yaml`];

/** Runs the Helm that HELM names, or the one of PATH. Throws what it says on standard error. */
export async function helm(...args: readonly string[]): Promise<string> {
  const program = process.env['HELM'] ?? 'helm';
  try {
    return (await run(program, [...args], { maxBuffer: 16 * 1024 * 1024 })).stdout;
  } catch (cause) {
    const { code, stderr } = cause as { readonly code?: unknown; readonly stderr?: string };
    if (code === 'ENOENT')
      throw new Error(`There is no ${program}: npm run test:helm finds Helm, or builds it where Go is there.`, { cause });
    throw new Error(stderr || String(cause), { cause });
  }
}

/** What Helm makes of a set of values, word for word. */
export function template(args: readonly string[], namespace = 'imagepull'): Promise<string> {
  return helm('template', 'imagepull', CHART, '--namespace', namespace, '--kube-version', KUBERNETES, ...args);
}

export async function render(args: readonly string[], namespace?: string): Promise<readonly RenderedObject[]> {
  return readObjects(await template(args, namespace));
}
