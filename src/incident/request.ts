import { z } from 'zod';
import { Trigger } from '../runbook/run.ts';
import { Audience, Place } from './incident.ts';

/** Who asked, as the chat names people; `team` is the workspace they are a member of. */
const Asker = z.strictObject({ user: z.string(), team: z.string().exactOptional() });
export type Asker = Readonly<z.infer<typeof Asker>>;

/** How far a request is. */
const RequestState = z.discriminatedUnion('status', [
  /** Written down; a worker will take it, however long that takes. */
  z.strictObject({ status: z.literal('accepted') }),
  /** A run has begun: in an incident of its own, or in one that was open already. */
  z.strictObject({ status: z.literal('begun'), incidentId: z.string(), runId: z.string() }),
  /** What was asked for is being looked into already. */
  z.strictObject({ status: z.literal('running'), incidentId: z.string(), runId: z.string() }),
  z.strictObject({ status: z.literal('refused'), code: z.string(), says: z.string() }),
]);
export type RequestState = Readonly<z.infer<typeof RequestState>>;

/** A diagnosis that somebody asked for and that was promised: it ends in something its asker sees. */
const Fields = z.strictObject({
  /** Made from the delivery's own id, so that a repeated delivery is the same request. Also the id of the run, and of an incident that it opens. */
  id: z.string(),
  revision: z.int().nonnegative(),
  /** RFC 3339. */
  askedAt: z.string(),
  trigger: Trigger,
  /** Absent where nobody in a chat asked. */
  asker: Asker.exactOptional(),
  /** Where it was asked, and where it is told; absent where nobody asked and nobody has to be told. */
  place: Place.exactOptional(),
  audience: Audience,
  cluster: z.string(),
  namespace: z.string(),
  pod: z.string(),
  /** The incident that is looked into once more. */
  incidentId: z.string().exactOptional(),
  state: RequestState,
  /** Until then (RFC 3339) the process that took the request waits and tells the asker by itself; afterwards the outbox does. */
  awaitedUntil: z.string(),
  /** What the asker has seen: nothing; that it takes time; the answer, be it the card. */
  seen: z.enum(['nothing', 'waiting', 'answer']),
});
export type DiagnosisRequest = Readonly<z.infer<typeof Fields>>;

/** A request as a store keeps it. */
export const RequestSchema: z.ZodType<DiagnosisRequest> = Fields;

/** True until its asker has seen the answer. */
export function isUnseen({ seen }: DiagnosisRequest): boolean {
  return seen !== 'answer';
}
