import { channel } from 'node:diagnostics_channel';
import type { Impersonation } from './kubeconfig.ts';
import type { RequestedRight } from './requested-right.ts';

/**
 * Whose roles have to be enough for a request: a worker's, which reads; those of the reader's credentials in an executor, which prove with them that an
 * image can be pulled; or those of an executor's own credentials, which change something.
 */
export type RightsHolder = 'reader' | 'prover' | 'executor';

/** A request on its way to an API server, or to a kubelet that asks one whether it is allowed. */
export interface SentRequest {
  /** Undefined where a person's own rights are used. */
  readonly holder: RightsHolder | undefined;
  readonly right: RequestedRight;
  /** On whose behalf; the right has to be theirs then, and the holder has to be allowed to act as them. */
  readonly as?: Impersonation | undefined;
}

/** The diagnostics channel that tells of each request, by node's `node:diagnostics_channel`. Tests compare what is asked with what roles give. */
export const SENT_REQUESTS = 'imagepull:kubernetes:request';
const requests = channel(SENT_REQUESTS);

/** Tells whoever listens on the channel; costs nothing where nobody does. */
export function tellOfRequest(request: SentRequest): void {
  if (requests.hasSubscribers) requests.publish(request);
}
