import { createInterface } from 'node:readline/promises';
import type { Run, Sources } from '../app/app.ts';
import { CodedError } from '../errors.ts';
import { accessOf, type LookOptions } from './options.ts';

/** The options of a look from the pod's node. */
export interface NodeProbeOptions {
  readonly nodeProbe?: boolean;
  readonly nodeImage?: string;
  readonly nodeNamespace: string;
  readonly yes?: boolean;
}

/** Throws `usage/node-probe` where something is missing, before anything is asked. */
export function checkNodeProbe({ nodeProbe, nodeImage, yes }: NodeProbeOptions): void {
  if (nodeProbe === undefined) return;
  if (nodeImage === undefined)
    throw new CodedError('usage/node-probe', '--node-probe needs --node-image, an image of imagepull that the node can have.');
  if (!yes && !process.stdin.isTTY)
    throw new CodedError('usage/node-probe', '--node-probe asks before it makes a pod, and there is nobody to ask. Pass --yes.');
}

/** The run with what was seen from its node, where that is wanted and nobody says no. What stood in the way is said on standard error. */
export async function withNodeProbe(run: Run, options: LookOptions & NodeProbeOptions, sources: Sources): Promise<Run> {
  const { nodeProbe, nodeImage: image, nodeNamespace: namespace, allowLoopback = false } = options;
  if (nodeProbe === undefined || image === undefined || run.target.node === undefined) return run;
  if (
    !options.yes &&
    !(await agreed(`Make a pod on ${run.target.node}, in namespace ${namespace}, that is root there for a minute at most?`))
  )
    return run;
  const { openWriter, probeFromNode } = await import('../app/node-probe.ts');
  const ending = new AbortController();
  const end = () => ending.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const objects = await openWriter(accessOf(options));
    const probe = { objects, sources, place: { namespace, image }, allowLoopback, now: () => new Date(), signal: ending.signal };
    const { run: probed, because } = await probeFromNode(run, probe);
    if (because !== undefined) process.stderr.write(`imagepull: Not seen from ${run.target.node}: ${because}\n`);
    return probed;
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  }
}

async function agreed(question: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}
