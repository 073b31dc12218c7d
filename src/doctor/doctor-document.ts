import { z } from 'zod';
import { CATEGORIES, type Checked, isBroken } from './check.ts';

const Head = { id: z.string(), category: z.enum(CATEGORIES), about: z.string().exactOptional(), says: z.string() };

/** What `imagepull doctor -o json` prints. */
export const DoctorDocument = z.strictObject({
  schemaVersion: z.literal(1),
  at: z.iso.datetime(),
  /** True where nothing is broken; warnings are. */
  fine: z.boolean(),
  checks: z.array(
    z.discriminatedUnion('status', [
      z.strictObject({ ...Head, status: z.enum(['ok', 'skipped']) }),
      z.strictObject({ ...Head, status: z.enum(['warning', 'broken']), hint: z.string() }),
    ]),
  ),
});

/** The same as doctorText says, for programs. */
export function doctorDocument(checked: readonly Checked[], at: Date): z.infer<typeof DoctorDocument> {
  return DoctorDocument.parse({ schemaVersion: 1, at: at.toISOString(), fine: !isBroken(checked), checks: checked });
}
