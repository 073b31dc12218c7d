import { runTask } from '../../node/run.ts';
import { type NodeOptions, readTask } from '../../node/task.ts';
import { print } from '../output.ts';

/** `imagepull node …`: one JSON document on standard output, whatever comes of it. */
export async function nodeCommand(task: string, image: string | undefined, options: NodeOptions): Promise<void> {
  const { output, says, exitCode } = await runTask(() => readTask([task, ...(image === undefined ? [] : [image])], options));
  process.stderr.write(says);
  await print(output);
  process.exitCode = exitCode;
}
