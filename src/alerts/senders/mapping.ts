import { z } from 'zod';
import { type JsonPath, parseJsonPath } from './json-path.ts';

const Path = z.string().transform((text, context): JsonPath => {
  const path = parseJsonPath(text);
  if (!('wrong' in path)) return path;
  context.issues.push({ code: 'custom', message: path.wrong, input: text });
  return z.NEVER;
});
/** One path or several. Read for a single value, the first that leads to one counts. */
const Paths = z.union([Path.transform((path) => [path]), z.array(Path).min(1).max(10)]);
const Words = z.array(z.string().min(1).max(100)).min(1).max(50);

/** Where in a body of JSON the parts of alerts are, as JSONPaths. Everything may be left out. */
export const Mapping = z.strictObject({
  alerts: Paths.optional().describe('The alerts. Left out, or where nothing is found: the body is one alert.'),
  status: z
    .strictObject({
      path: Paths.describe('Where it is.'),
      firing: Words.optional().describe(
        'Values that mean that it fires, in any case. Left out: every other one. With it, a value in neither list is passed over.',
      ),
      resolved: Words.describe('Values that mean that it ended.'),
    })
    .optional()
    .describe('Whether it fires.'),
  id: Paths.optional().describe('All that is found is joined. The same when the alert is sent again and when it ends.'),
  group: Paths.optional().describe('What alerts that belong together have in common.'),
  name: Paths.optional().describe('The name of the alert.'),
  startsAt: Paths.optional().describe('When it began.'),
  labels: Paths.optional().describe(
    'Objects, lists of `key:value` or of objects with `name` (or `key`) and `value`, and texts of `key:value` with commas; all are read.',
  ),
  text: Paths.optional().describe('Words that people wrote; all are read.'),
  cluster: Paths.optional().describe('The cluster.'),
  namespace: Paths.optional().describe('The namespace.'),
  pod: Paths.optional().describe('The pod.'),
  container: Paths.optional().describe('The container.'),
  node: Paths.optional().describe('The node.'),
  workload: z
    .strictObject({ kind: Paths.describe('Its kind.'), name: Paths.describe('Its name.') })
    .optional()
    .describe('The workload.'),
});
/** A mapping as it is written in the configuration. */
export type WrittenMapping = z.input<typeof Mapping>;
export type Mapping = z.output<typeof Mapping>;
