import { z } from 'zod';
import { Person } from './person.ts';
import { Time } from './plan.ts';

/** To stop all remedies of a cluster, or to allow them again. Signed by the gateway; the executor obeys the latter from nobody else. */
export const Order = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, 'is not the id of an order'),
  cluster: z.string().min(1).max(253),
  freeze: z.boolean(),
  by: z.array(Person).min(1).max(10),
  reason: z.string().max(500).optional(),
  at: Time,
});
export type Order = Readonly<z.infer<typeof Order>>;
