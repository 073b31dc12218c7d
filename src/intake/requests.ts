import { asCodedError } from '../errors.ts';
import type { DiagnosisRequest } from '../incident/request.ts';
import { createOnce } from '../store/collection.ts';
import { hasWorker } from '../store/heartbeat.ts';
import { ANSWER_MS, askWorker } from './ask.ts';
import { Begun, type Refused } from './begin.ts';
import type { IntakeParts } from './create-intake.ts';
import { idOfDelivery } from './delivery-id.ts';
import type { Asked, DiagnosisAnswer, Intake, WithCard } from './intake.ts';

/** A moment for the process that waited to tell what it learned, before the outbox does, ms. */
const TELLING_MS = 5_000;

/** What a request is about, besides what every request has. */
type About = Pick<DiagnosisRequest, 'trigger' | 'place' | 'audience' | 'cluster' | 'namespace' | 'pod' | 'incidentId'>;

/** What somebody is told of a request. */
type Outcome = Begun | Refused | undefined;

/** Takes what starts a diagnosis: writes it down before anything else, so that what was acknowledged is done whoever dies. */
export function createRequests(parts: IntakeParts): Pick<Intake, 'diagnose' | 'rerun' | 'seen'> {
  const { store, queue, access, now } = parts;

  async function diagnose(request: Parameters<Intake['diagnose']>[0]): Promise<DiagnosisAnswer> {
    const { cluster, namespace, pod, place, trigger } = request;
    const refusal = (await access.rightsOf(request.person)).refusal(cluster, namespace);
    if (refusal) return refusal;
    return accept(request, { trigger, place, audience: await access.audienceOf(place.channel), cluster, namespace, pod });
  }

  async function rerun(request: Parameters<Intake['rerun']>[0]): Promise<DiagnosisAnswer> {
    const { person, incidentId } = request;
    const { cluster, namespace, pod, places, audience } = await store.incidents.read(incidentId);
    const rights = await access.rightsOf(person);
    const refusal = rights.refusal(cluster, namespace);
    if (refusal) return refusal;
    if (!rights.maySee({ audience, cluster, namespace }))
      return { status: 'refused', code: 'intake/forbidden', says: 'That diagnosis belongs to another channel.' };
    const [place = { channel: person.channel ?? '' }] = places;
    return accept(request, { trigger: { kind: 'rerun', user: person.user }, place, audience, cluster, namespace, pod, incidentId });
  }

  async function accept({ person, delivery, onKept }: Asked, about: About): Promise<DiagnosisAnswer> {
    const { user, team } = person;
    const at = now();
    const request: DiagnosisRequest = {
      id: idOfDelivery(delivery),
      revision: 0,
      askedAt: at.toISOString(),
      asker: { user, ...(team === undefined ? {} : { team }) },
      ...about,
      state: { status: 'accepted' },
      awaitedUntil: new Date(at.getTime() + ANSWER_MS + TELLING_MS).toISOString(),
      seen: 'nothing',
    };
    if (!(await createOnce(store.requests, request))) {
      onKept?.();
      await queueAgain(request);
      return { status: 'repeated' };
    }
    onKept?.();
    parts.metrics?.count('imagepull_detections_total', { source: 'person' });
    const outcome = await outcomeOf(request);
    return outcome ? answerTo(request, outcome) : waiting(request);
  }

  /** The process that took the delivery first may have died before it queued anything. */
  async function queueAgain({ id }: DiagnosisRequest): Promise<void> {
    const { state, cluster } = await store.requests.read(id);
    if (state.status === 'accepted') await queue.add({ kind: 'begin', cluster, requestId: id });
  }

  /** What a worker made of it. Where the queue's own answer was lost, what was written down tells. */
  async function outcomeOf({ cluster, id }: DiagnosisRequest): Promise<Outcome> {
    try {
      const answer = await askWorker(queue, { kind: 'begin', cluster, requestId: id }, Begun);
      if (answer) return answer;
    } catch (cause) {
      // It is written down, so it will be queued again.
      if (asCodedError(cause).area !== 'queue') throw cause;
    }
    const { state } = await store.requests.read(id);
    return state.status === 'accepted' ? undefined : state;
  }

  async function answerTo(request: DiagnosisRequest, outcome: Exclude<Outcome, undefined>): Promise<DiagnosisAnswer> {
    const { id: requestId } = request;
    if (outcome.status === 'refused') return { ...outcome, requestId };
    const { status, incidentId } = outcome;
    if (status === 'running') return { status, requestId, ...(await cardOf(incidentId)) };
    if (incidentId === requestId || incidentId === request.incidentId) return { status, requestId, incidentId };
    return { status: 'joined', requestId, ...(await cardOf(incidentId)) };
  }

  async function waiting({ id: requestId, cluster }: DiagnosisRequest): Promise<DiagnosisAnswer> {
    return { status: 'waiting', requestId, worker: hasWorker(await store.heartbeats.list(), cluster) };
  }

  async function cardOf(incidentId: string): Promise<WithCard> {
    const [{ places }, posted] = await Promise.all([store.incidents.read(incidentId), store.posted.read(incidentId)]);
    const [place] = places;
    const card = posted['card'];
    return { incidentId, ...(place === undefined ? {} : { place }), ...(card?.status === 'posted' ? { ts: card.ts } : {}) };
  }

  return {
    diagnose,
    rerun,
    async seen(requestId, what) {
      await store.requests.update(requestId, (known) =>
        known.seen === 'answer' || known.seen === what ? known : { ...known, seen: what },
      );
    },
  };
}
