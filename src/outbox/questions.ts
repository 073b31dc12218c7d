import { createHash } from 'node:crypto';
import type { Alert } from '../alerts/alert.ts';
import type { AlertDelivery } from '../alerts/delivery.ts';
import { isQuestion } from '../alerts/relevance.ts';
import { asCodedError } from '../errors.ts';
import type { Place } from '../incident/incident.ts';
import type { Message, Piece, Posted } from '../incident/message.ts';
import type { Task } from '../queue/task-queue.ts';
import { plainText } from '../report/plain-text.ts';
import { unlessGone } from '../store/collection.ts';
import { shortened } from '../text/wording.ts';
import { paceOf } from './channel-pace.ts';
import type { OutboxParts } from './outbox.ts';
import { createPoster } from './poster.ts';
import { isTold } from './shown.ts';

/** Asks in a chat what alerts are about that do not say so. */
export interface Questions {
  perform(task: Extract<Task, { kind: 'ask' }>): Promise<void>;
}

/** What to ask, and where. */
interface Question {
  readonly delivery: AlertDelivery;
  readonly place: Place;
  readonly unasked: readonly Alert[];
}

/** The same alert is asked about once in so long, ms. */
const ONCE_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;
/** Questions of a source within an hour. */
const MOST_AN_HOUR = 5;
/** Alerts that one question names. */
const MOST_NAMED = 3;
const MAX_TITLE = 200;
const UNAVAILABLE_MS = 2_000;
const KEY = 'question';

/** One message a delivery, in the thread of what was posted or in the default channel; nothing where neither is there. Asked twice it is posted once. */
export function createQuestions(parts: OutboxParts): Questions {
  const { store, queue, fallback, paceMs, log } = parts;
  const poster = createPoster(parts);

  async function perform({ deliveryId }: Extract<Task, { kind: 'ask' }>): Promise<void> {
    const delivery = await unlessGone(store.deliveries.read(deliveryId));
    const place = delivery?.place ?? fallback;
    if (!delivery || !place) return;
    const posted = await store.posted.read(deliveryId);
    if (isTold(posted)) return;
    const unasked = Object.keys(posted).length > 0 ? delivery.alerts.filter(isQuestion) : await claimed(delivery);
    const restMs = unasked.length === 0 ? undefined : await post({ delivery, place, unasked }, posted);
    if (restMs !== undefined) await queue.add({ kind: 'ask', deliveryId, delayMs: restMs });
  }

  /** How long to wait before trying again, ms; undefined where it is asked, or cannot be. */
  async function post(question: Question, posted: Posted): Promise<number | undefined> {
    const { delivery, place } = question;
    const pace = paceMs === 0 ? undefined : await store.claim(paceOf(place), paceMs);
    if (pace?.status === 'refused') return pace.freeInMs;
    try {
      await poster.perform({ incidentId: delivery.id, place }, { op: 'post', message: questionOf(question) }, posted);
      return undefined;
    } catch (cause) {
      const { area, code, message, retryable, retryAfterMs } = asCodedError(cause);
      if (area !== 'chat') throw cause;
      log.warn('nobody could be asked what an alert is about', { delivery: delivery.id, code, because: message });
      return retryable ? (retryAfterMs ?? UNAVAILABLE_MS) : undefined;
    }
  }

  /** Those that nobody was asked about today, as long as the source has room for a question. */
  async function claimed(delivery: AlertDelivery): Promise<readonly Alert[]> {
    const from = sourceOf(delivery);
    const fresh: Alert[] = [];
    for (const alert of delivery.alerts.filter(isQuestion))
      if ((await store.claim(askedOf(alert, delivery), ONCE_MS)).status === 'taken') fresh.push(alert);
    if (fresh.length === 0) return [];
    let roomInMs = HOUR_MS;
    for (let place = 0; place < MOST_AN_HOUR; place++) {
      const room = await store.claim(`asks.${from}.${place}`, HOUR_MS);
      if (room.status === 'taken') {
        // From here on who tries again must not claim anew.
        await store.posted.write(delivery.id, KEY, { status: 'posting', since: parts.now().toISOString() });
        return fresh;
      }
      roomInMs = Math.min(roomInMs, room.freeInMs);
    }
    // Nobody was asked: what is sent again once there is room is asked about then.
    await Promise.all(fresh.map((alert) => store.hold(askedOf(alert, delivery), roomInMs)));
    log.warn('alerts do not say what they are about, and enough was asked this hour', { source: from, alerts: fresh.length });
    return [];
  }

  return { perform };
}

/** Who sends: a source, or a channel in which apps post. */
function sourceOf({ source, place }: AlertDelivery): string {
  return place ? `${source}.${place.channel}` : source;
}

/** What is claimed to ask about an alert. A message that is posted again has another id, so its words are what it is known by. */
function askedOf({ id, name, text }: Alert, delivery: AlertDelivery): string {
  const known = delivery.place
    ? createHash('sha256')
        .update(JSON.stringify([name, text]))
        .digest('base64url')
    : id;
  return `asked.${sourceOf(delivery)}.${known}`;
}

function questionOf({ unasked, delivery: { source, cluster, place } }: Question): Message {
  const named = unasked
    .slice(0, MOST_NAMED)
    .map(({ name, text }) => shortened([name, text].filter((part) => part !== '').join(': '), MAX_TITLE));
  const more = unasked.length - named.length;
  const pieces: readonly Piece[] = [
    {
      kind: 'text',
      text: [
        place ? 'This' : `An alert of ${source}`,
        ' speaks of an image that cannot be pulled, and does not say which pod. Which one is it?',
      ],
    },
    ...(place ? [] : [{ kind: 'quote', from: [], text: [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('\n') } as const]),
    { kind: 'buttons', buttons: [{ action: 'pick', label: 'Choose a pod …', about: { kind: 'cluster', id: cluster } }], menu: [] },
  ];
  return { key: KEY, inThread: false, pieces, text: plainText(pieces) };
}
