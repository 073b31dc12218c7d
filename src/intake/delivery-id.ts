import { createHash } from 'node:crypto';

/**
 * The id of what a delivery starts: the same for the same delivery, whichever process takes it and however often it comes, so
 * that nothing has to be claimed before it is done.
 */
export function idOfDelivery(delivery: string): string {
  return createHash('sha256').update(`delivery ${delivery}`).digest('hex').slice(0, 32);
}
