import { z } from 'zod';

/** What is kept of the cluster's answers, for `imagepull replay`. */
const Kept = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('wanted') }),
  /** The files of a recording by name, as JSON, gzipped, in base64. */
  z.strictObject({ status: z.literal('kept'), at: z.string(), files: z.string() }),
  z.strictObject({ status: z.literal('lost'), because: z.string() }),
]);

const Fields = z.strictObject({
  id: z.string(),
  revision: z.int().nonnegative(),
  incidentId: z.string(),
  /** The run whose verdict is disputed. */
  runId: z.string(),
  cluster: z.string(),
  namespace: z.string(),
  pod: z.string(),
  /** What the verdict says: the id of a cause, or `none`. */
  cause: z.string(),
  confidence: z.string(),
  /** What somebody says: the id of a cause, or one of OTHER_CAUSES. */
  said: z.string(),
  /** In their own words, redacted. */
  words: z.string().exactOptional(),
  /** The chat's id of a person. */
  by: z.string(),
  /** RFC 3339. */
  at: z.string(),
  recording: Kept,
});

/** What somebody says a verdict should have been. */
export type Correction = Readonly<z.infer<typeof Fields>>;

/** A correction as a store keeps it. */
export const CorrectionSchema: z.ZodType<Correction> = Fields;

/** What a person may say besides a cause. */
export const OTHER_CAUSES = { other: 'something else', unknown: 'not known yet', none: 'nothing was wrong' } as const;

/** Most characters of somebody's own words. */
export const MAX_WORDS = 500;

/** A cause as people read it: `tag-not-found` is "tag not found". */
export function causeWords(said: string): string {
  return Object.hasOwn(OTHER_CAUSES, said) ? OTHER_CAUSES[said as keyof typeof OTHER_CAUSES] : said.replaceAll('-', ' ');
}
