import { Faults } from '../faults.ts';
import { type Answer, refusalStatus } from './answers.ts';

/** What a request meets instead of its answer. */
export interface Fault {
  readonly status: 401 | 403 | 410 | 429 | 500 | 503;
  /** Paths it meets, with their query; any without. */
  readonly path?: RegExp;
  readonly retryAfterS?: number;
}

const SAID: Readonly<Record<Fault['status'], readonly [reason: string, message: string]>> = {
  401: ['Unauthorized', 'Unauthorized'],
  403: ['Forbidden', 'forbidden by the stand-in'],
  410: ['Expired', 'The resourceVersion for the provided watch is too old.'],
  429: ['TooManyRequests', 'Too many requests, please try again later.'],
  500: ['InternalError', 'Internal error occurred: etcdserver: request timed out'],
  503: ['ServiceUnavailable', 'apiserver not ready'],
};

/** Faults that wait for requests, by their paths. */
export type RequestFaults = Faults<Fault, string>;

export function createRequestFaults(): RequestFaults {
  return new Faults(({ path: wanted }, path) => wanted?.test(path) ?? true);
}

/** What a fault is answered with. */
export function faultAnswer({ status, retryAfterS }: Fault): Answer {
  const [reason, message] = SAID[status];
  return { status, body: refusalStatus({ code: status, reason, message }), ...(retryAfterS === undefined ? {} : { retryAfterS }) };
}
