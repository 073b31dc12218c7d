import * as z from 'zod/mini';

const Name = z.string().check(z.minLength(1), z.maxLength(512));

/**
 * What may be removed from a node: exactly these images, each with all the names that go with it. `seenAt` is when an image is known to have been
 * there; where the node's files tell a later time, that counts. What is younger than `minimumAgeMs` is kept.
 */
export const PrunePlan = z.strictObject({
  schemaVersion: z.literal(1),
  images: z
    .array(
      z.strictObject({
        id: z.string().check(z.regex(/^(?:sha256:)?[0-9a-f]{64}$/, 'is not the id of an image')),
        tags: z.array(Name),
        digests: z.array(Name),
        bytes: z.int().check(z.minimum(0)),
        seenAt: z.iso.datetime(),
        because: z.string().check(z.maxLength(500)),
      }),
    )
    .check(z.minLength(1), z.maxLength(500)),
  /** Ends when so much is free. */
  goalFreeBytes: z.optional(z.int().check(z.minimum(0))),
  minimumAgeMs: z._default(z.int().check(z.minimum(0)), 3_600_000),
  /** Names of images that are never removed; `*` stands for anything. */
  keep: z._default(z.array(Name).check(z.maxLength(200)), []),
  /** Images of pods that are bound to the node and have not begun, as the API server knows them. */
  awaited: z._default(z.array(Name).check(z.maxLength(2_000)), []),
});
export type PrunePlan = z.infer<typeof PrunePlan>;
export type PlannedImage = PrunePlan['images'][number];
