import type { Chat } from '../chat/chat.ts';
import { asCodedError } from '../errors.ts';
import type { Inline, Message } from '../incident/message.ts';
import type { DiagnosisRequest } from '../incident/request.ts';
import type { Task, TaskQueue } from '../queue/task-queue.ts';
import { plainText } from '../report/plain-text.ts';
import { unlessGone } from '../store/collection.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { shortened } from '../text/wording.ts';

const UNAVAILABLE_MS = 2_000;
const MAX_TEXT = 1_500;

/** Messages to one person: what came of a request. At least once: a notice whose answer was lost is shown again. */
export interface Notices {
  /** Shows whoever made a request what came of it, unless they know. */
  perform(task: Extract<Task, { kind: 'notice' }>): Promise<void>;
  /** Turns a request that had begun into a refused one, and queues the notice. Nothing where nobody asked in a chat. */
  refuse(requestId: string, because: { readonly code: string; readonly says: string }): Promise<void>;
}

/** The part of the outbox that speaks to one person. */
export function createNotices(parts: {
  readonly store: Pick<Store, 'requests' | 'incidents'>;
  readonly queue: TaskQueue;
  readonly chat: Chat;
  readonly log: Log;
}): Notices {
  const { store, queue, chat, log } = parts;

  async function perform({ requestId }: Extract<Task, { kind: 'notice' }>): Promise<void> {
    const request = await unlessGone(store.requests.read(requestId));
    if (!request?.asker || !request.place || isKnown(request)) return;
    try {
      await chat.notify({ user: request.asker.user, place: request.place }, await noticeOf(request, store));
    } catch (cause) {
      const { area, code, message, retryable, retryAfterMs } = asCodedError(cause);
      if (area !== 'chat') throw cause;
      log.warn('a notice could not be shown', { request: requestId, code, because: message });
      if (retryable) return queue.add({ kind: 'notice', requestId, delayMs: retryAfterMs ?? UNAVAILABLE_MS });
    }
    // What cannot be shown at all is not tried again either.
    const seen = request.state.status === 'accepted' ? 'waiting' : 'answer';
    await store.requests.update(requestId, (known) => (known.seen === 'answer' ? known : { ...known, seen }));
  }

  return {
    perform,
    async refuse(requestId, { code, says }) {
      const request = await unlessGone(store.requests.read(requestId));
      if (!request?.asker) return;
      await store.requests.update(requestId, (known) =>
        known.state.status === 'refused' ? known : { ...known, state: { status: 'refused', code, says }, seen: 'nothing' },
      );
      await queue.add({ kind: 'notice', requestId, delayMs: 0 });
    },
  };
}

/** Whoever was told that it takes time hears of it again once it is answered. */
function isKnown({ seen, state }: DiagnosisRequest): boolean {
  return seen === 'answer' || (seen === 'waiting' && state.status === 'accepted');
}

async function noticeOf(request: DiagnosisRequest, store: Pick<Store, 'incidents'>): Promise<Message> {
  const text = await wordsOf(request, store);
  const pieces = [{ kind: 'text', text } as const];
  return { key: `notice.${request.id}`, inThread: false, pieces, text: plainText(pieces) };
}

async function wordsOf({ state, namespace, pod, cluster }: DiagnosisRequest, store: Pick<Store, 'incidents'>): Promise<readonly Inline[]> {
  const name = `${namespace}/${pod}`;
  switch (state.status) {
    case 'refused':
      return [shortened(state.says, MAX_TEXT)];
    case 'accepted':
      return [`No worker of ${cluster} has taken the diagnosis of ${name} yet. Its card appears here as soon as one does.`];
    case 'running':
      return [`${name} is being looked into already`, ...(await whereIs(state.incidentId, store)), '.'];
    case 'begun':
      return [`An incident about ${name} is open; it is looked into again`, ...(await whereIs(state.incidentId, store)), '.'];
    default:
      return state satisfies never;
  }
}

async function whereIs(incidentId: string, store: Pick<Store, 'incidents'>): Promise<readonly Inline[]> {
  const [place] = (await unlessGone(store.incidents.read(incidentId)))?.places ?? [];
  return place === undefined ? [] : [' in ', { kind: 'channel', id: place.channel }];
}
