import { asCodedError, type ErrorArea } from '../errors.ts';
import type { DiagnosisRequest } from '../incident/request.ts';
import type { Begun, Refused } from '../intake/begin.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { Store } from '../store/store.ts';

/** What a request needs of an engine. */
export interface RequestParts {
  readonly store: Pick<Store, 'requests'>;
  readonly queue: TaskQueue;
  readonly now: () => Date;
  /** Starts the run of a request, or finds the one that an earlier delivery started. */
  readonly begin: (request: DiagnosisRequest) => Promise<Begun>;
}

/** A moment more than the process waits that took the request, so that two do not tell the same, ms. */
const AFTER_WAIT_MS = 500;

/** Does what a request asks for and writes down what came of it, for whoever waits and for the outbox. */
export async function performRequest(requestId: string, parts: RequestParts): Promise<Begun | Refused> {
  const { store, queue, now } = parts;
  const request = await store.requests.read(requestId);
  // What was answered stays so, or its asker would be told two things.
  if (request.state.status !== 'accepted') return request.state;
  const answer = await orRefusal(() => parts.begin(request));
  const { after } = await store.requests.update(requestId, (known) => withAnswer(known, answer));
  if (after.seen !== 'answer') {
    const delayMs = Math.max(0, Date.parse(after.awaitedUntil) - now().getTime()) + AFTER_WAIT_MS;
    await queue.add({ kind: 'notice', requestId, delayMs });
  }
  return answer;
}

/** A run in an incident of its own, or in the one whose button was pressed, is told by its card. */
function withAnswer(request: DiagnosisRequest, answer: Begun | Refused): DiagnosisRequest {
  if (request.state.status !== 'accepted') return request;
  const tellsItself =
    request.asker === undefined ||
    (answer.status === 'begun' && (answer.incidentId === request.id || answer.incidentId === request.incidentId));
  return { ...request, state: answer, seen: tellsItself ? 'answer' : request.seen };
}

/** What has nothing to do with what was asked, and may be mended by another delivery. */
const OWN_TROUBLE: ReadonlySet<ErrorArea> = new Set(['store', 'queue', 'internal']);

/** Answers a question with a refusal where it was answered no; bugs are still thrown. */
export async function orRefusal<T>(work: () => Promise<T>): Promise<T | Refused> {
  try {
    return await work();
  } catch (cause) {
    const { area, code, message } = asCodedError(cause);
    if (OWN_TROUBLE.has(area)) throw cause;
    return { status: 'refused', code, says: message };
  }
}
