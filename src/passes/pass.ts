import { z } from 'zod';

const Fields = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  revision: z.int().nonnegative(),
  /** An invitation is good for one opening, which makes a visit of it. */
  kind: z.enum(['invitation', 'visit']),
  /** SHA-256 of the secret, in hexadecimal; the secret itself is kept nowhere. */
  secretHash: z.string().regex(/^[0-9a-f]{64}$/),
  incidentId: z.string(),
  /** Who was given it, and in which channel they asked. */
  user: z.string(),
  channel: z.string().exactOptional(),
  team: z.string().exactOptional(),
  /** RFC 3339. */
  since: z.string(),
  until: z.string(),
});

/** What lets one person see the page of one incident for a while. */
export type Pass = Readonly<z.infer<typeof Fields>>;

/** A pass as a store keeps it. */
export const PassSchema: z.ZodType<Pass> = Fields;

/** How long an invitation waits to be opened, ms. */
export const INVITATION_MS = 5 * 60_000;
/** How long the page can be seen after that, ms. */
export const VISIT_MS = 30 * 60_000;
