import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { Head } from '../audit/entry.ts';
import { CodedError, fileProblem } from '../errors.ts';

/** A line of the log about an entry; the other fields do not matter here. */
const Line = z.object({ msg: z.literal('audit'), ...Head.shape });
const Short = /^([0-9]{1,10}):([0-9a-f]{64})$/;

/**
 * The heads that somebody names, each as `SEQUENCE:HASH` of the one cluster, or as a file with lines of the log, `-` for standard input. Everything
 * else in the log is passed over. Throws `usage/audit`.
 */
export async function readHeads(named: readonly string[], cluster: string | undefined): Promise<readonly Head[]> {
  const heads: Head[] = [];
  for (const name of named) {
    const [, sequence, hash] = Short.exec(name) ?? [];
    if (sequence === undefined || hash === undefined) heads.push(...(await headsInLog(name, cluster)));
    else if (cluster === undefined)
      throw new CodedError('usage/audit', `--head ${sequence}:… does not say which cluster it is of. Say --cluster too.`);
    else heads.push({ cluster, sequence: Number(sequence), hash });
  }
  return heads;
}

async function headsInLog(file: string, cluster: string | undefined): Promise<readonly Head[]> {
  const heads: Head[] = [];
  try {
    for await (const line of createInterface({ input: await opened(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      const head = headIn(line);
      if (head !== undefined && (cluster === undefined || head.cluster === cluster)) heads.push(head);
    }
  } catch (cause) {
    throw new CodedError('usage/audit', `Cannot read ${file}: ${fileProblem(cause)}.`, { cause });
  }
  if (heads.length > 0) return heads;
  const whose = cluster === undefined ? '' : ` about cluster ${cluster}`;
  throw new CodedError(
    'usage/audit',
    `${file} has no line of the audit${whose}. --head takes SEQUENCE:HASH, or a file with lines of the log.`,
  );
}

async function opened(file: string): Promise<NodeJS.ReadableStream> {
  if (file === '-') return process.stdin;
  const found = await stat(file);
  if (!found.isFile() && !found.isFIFO()) throw new Error('it is no file');
  return createReadStream(file);
}

/** A collector of logs may put something before a line. */
function headIn(line: string): Head | undefined {
  const start = line.indexOf('{');
  if (start < 0) return undefined;
  try {
    const { msg: _, ...head } = Line.parse(JSON.parse(line.slice(start)));
    return head;
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof z.ZodError) return undefined;
    throw cause;
  }
}
