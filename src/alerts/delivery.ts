import { z } from 'zod';
import { type Alert, WORKLOAD_KINDS } from './alert.ts';

const Location = z.strictObject({
  cluster: z.string().exactOptional(),
  namespace: z.string().exactOptional(),
  pod: z.string().exactOptional(),
  container: z.string().exactOptional(),
  workload: z.strictObject({ kind: z.enum(WORKLOAD_KINDS), name: z.string() }).exactOptional(),
  node: z.string().exactOptional(),
});

const StoredAlert: z.ZodType<Alert> = z.strictObject({
  source: z.string(),
  status: z.enum(['firing', 'resolved']),
  id: z.string(),
  group: z.string().exactOptional(),
  name: z.string(),
  startsAt: z.string().exactOptional(),
  location: Location,
  labels: z.record(z.string(), z.string()),
  text: z.string(),
});

const Fields = z.strictObject({
  /** Made of the alerts in it, so that what is sent again is the same delivery. */
  id: z.string(),
  revision: z.int().nonnegative(),
  /** RFC 3339. */
  receivedAt: z.string(),
  /** Name of the source in the configuration. */
  source: z.string(),
  cluster: z.string(),
  alerts: z.array(StoredAlert),
  /** Of a message in a chat: its thread, where what it leads to is told. */
  place: z.strictObject({ channel: z.string(), thread: z.string() }).exactOptional(),
  state: z.enum(['accepted', 'done']),
});

/** Alerts of one source about one cluster that arrived together: written down before they are acknowledged. */
export type AlertDelivery = Readonly<Omit<z.infer<typeof Fields>, 'alerts'>> & { readonly alerts: readonly Alert[] };

/** A delivery as a store keeps it. */
export const DeliverySchema: z.ZodType<AlertDelivery> = Fields;
