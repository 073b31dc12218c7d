import { asCodedError, CodedError, type ErrorCode } from '../errors.ts';
import { redact } from '../facts/redaction.ts';
import { printable } from '../text/printable.ts';
import { FailureDocument, type NodeDocument } from './document.ts';
import { performTask, type TaskDocument, type TaskParts, THIS_MACHINE } from './perform.ts';
import type { NodeTask } from './task.ts';

/** What a task printed, and how its process ends. */
export interface TaskEnd {
  /** One JSON document and a line break. */
  readonly output: string;
  /** For people, on standard error; empty where it was done. */
  readonly says: string;
  readonly exitCode: number;
}

/** The numbers of the command line: 0 done, 1 error, 2 usage, 4 not reached, 5 forbidden. */
const EXIT_CODES: Readonly<Partial<Record<ErrorCode, number>>> = { 'node/unreachable': 4, 'node/forbidden': 5 };

/** Runs the task that is read, on this machine unless it is told. There is a document in any case, so that who reads it from a pod's log learns why. */
export async function runTask(
  read: () => NodeTask,
  { below = THIS_MACHINE, now = () => new Date() }: Partial<Pick<TaskParts, 'below' | 'now'>> = {},
): Promise<TaskEnd> {
  const ending = new AbortController();
  const end = () => ending.abort(new CodedError('node/interrupted', 'It was told to end.'));
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  try {
    const document = await performTask(read(), { now, below, stdin: process.stdin, signal: ending.signal });
    return { output: json(document), says: '', exitCode: exitCodeOf(document) };
  } catch (cause) {
    const { code, retryable, fault, message: said } = asCodedError(cause);
    const message = redact(printable(said));
    const document = FailureDocument.parse({
      schemaVersion: 1,
      kind: 'failure',
      at: now().toISOString(),
      error: { code, message, retryable },
    });
    return { output: json(document), says: `imagepull: ${message}\n`, exitCode: EXIT_CODES[code] ?? (fault === 'caller' ? 2 : 1) };
  } finally {
    process.off('SIGTERM', end);
    process.off('SIGINT', end);
  }
}

/** A pruning that stopped has done a part of its work; what that was is in the document. */
function exitCodeOf(document: TaskDocument): number {
  if (document.kind !== 'prune') return 0;
  return document.ended.status === 'done' || document.ended.status === 'goal-reached' ? 0 : 1;
}

function json(document: NodeDocument): string {
  return `${JSON.stringify(printable(document))}\n`;
}
