import { z } from 'zod';
import type { Sign, Verify } from '../signing/signing.ts';
import { labelled } from './canonical-json.ts';
import { Decision } from './decision.ts';
import { Listing } from './node-work.ts';
import { Order } from './order.ts';
import { Proposal } from './plan.ts';
import { Wish } from './wish.ts';

/** What is kept in a store that others may write to, and must not be made by them. */
const CONTENTS = { decision: Decision, listing: Listing, order: Order, proposal: Proposal, wish: Wish } as const;
type Contents = {
  readonly decision: Decision;
  readonly listing: Listing;
  readonly order: Order;
  readonly proposal: Proposal;
  readonly wish: Wish;
};
type Kind = keyof Contents;

/** A record with the signature of the process that made it. That it was deleted, no signature shows. */
export interface Sealed<T> {
  readonly content: T;
  readonly signature: string;
}

/** Anything that was sealed, before anybody has looked at it. */
export const SealedShape = z.strictObject({ content: z.unknown(), signature: z.string().max(128) });

/** Signs a record, as one of its kind. Throws where nobody could unseal it: a bug. */
export function seal<K extends Kind>(kind: K, content: Contents[K], sign: Sign): Sealed<Contents[K]> {
  CONTENTS[kind].parse(content);
  return { content, signature: sign(labelled(`imagepull/${kind}/v1`, content)) };
}

/** What was sealed; undefined for what cannot be read or was signed by nobody who may, which then counts for nothing. */
export function unseal<K extends Kind>(kind: K, stored: unknown, verify: Verify): z.infer<(typeof CONTENTS)[K]> | undefined {
  const shape = SealedShape.safeParse(stored).data;
  if (shape === undefined) return undefined;
  const content = CONTENTS[kind].safeParse(shape.content).data;
  if (content === undefined || !verify(labelled(`imagepull/${kind}/v1`, content), shape.signature)) return undefined;
  return content as z.infer<(typeof CONTENTS)[K]>;
}
