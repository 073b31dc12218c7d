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

/** Faults in the order in which requests meet them. */
export class Faults {
  readonly #waiting: Fault[] = [];

  add(fault: Fault, times = 1): void {
    for (let n = 0; n < times; n++) this.#waiting.push(fault);
  }

  /** How many no request has met yet. */
  waiting(): number {
    return this.#waiting.length;
  }

  /** Takes the answer of the first one that a request of this path meets. */
  take(path: string): Answer | undefined {
    const at = this.#waiting.findIndex((fault) => fault.path?.test(path) ?? true);
    const [fault] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (!fault) return undefined;
    const { status, retryAfterS } = fault;
    const [reason, message] = SAID[status];
    return { status, body: refusalStatus({ code: status, reason, message }), ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  }
}
