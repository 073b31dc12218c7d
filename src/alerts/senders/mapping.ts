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

/** Where in a body of JSON the parts of alerts are. Everything may be left out. */
export const Mapping = z.strictObject({
  /** The alerts; left out, or where nothing is found, the body is one alert. */
  alerts: Paths.optional(),
  status: z
    .strictObject({
      path: Paths,
      /** Values that mean that it fires, in any case; left out: every other one. With it, a value in neither list is passed over. */
      firing: Words.optional(),
      /** Values that mean that it ended. */
      resolved: Words,
    })
    .optional(),
  /** All that is found is joined. The same when the alert is sent again and when it ends. */
  id: Paths.optional(),
  group: Paths.optional(),
  name: Paths.optional(),
  startsAt: Paths.optional(),
  /** Objects, lists of `key:value` or of objects with `name` (or `key`) and `value`, and texts of `key:value` with commas; all are read. */
  labels: Paths.optional(),
  /** Words that people wrote; all are read. */
  text: Paths.optional(),
  cluster: Paths.optional(),
  namespace: Paths.optional(),
  pod: Paths.optional(),
  container: Paths.optional(),
  node: Paths.optional(),
  workload: z.strictObject({ kind: Paths, name: Paths }).optional(),
});
/** A mapping as it is written in the configuration. */
export type WrittenMapping = z.input<typeof Mapping>;
export type Mapping = z.output<typeof Mapping>;
