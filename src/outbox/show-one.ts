import { asCodedError } from '../errors.ts';
import { type Incident, isByItself, isOpen, type Place } from '../incident/incident.ts';
import type { Posted } from '../incident/message.ts';
import { paceOf } from './channel-pace.ts';
import type { ChatOperation } from './difference.ts';
import { tellElsewhere } from './elsewhere.ts';
import type { Notices } from './notice.ts';
import type { OutboxParts } from './outbox.ts';
import { createPoster } from './poster.ts';
import type { Shown } from './shown.ts';

/** What became of one thing to show. */
export type ShowOutcome =
  | { readonly status: 'done'; readonly posted: Posted }
  | { readonly status: 'refused'; readonly restMs: number }
  | { readonly status: 'silenced' };

/** An incident, and where it is shown. */
interface About {
  readonly incident: Incident;
  readonly place: Place;
}

/** Shows one thing in a channel, in the pace of that channel. */
export interface Shower {
  perform(about: About, operation: ChatOperation, shown: Shown): Promise<ShowOutcome>;
}

/** Before the next attempt where the chat does not say how long it is away, ms. */
const UNAVAILABLE_MS = 2_000;
/** The key of an incident's card. */
const CARD = 'card';

/** By what its card is found where the store is lost: only while it is open and everybody may know, or an old one would be drawn over. */
function toldOf({ incident, place }: About) {
  const [subject] = isOpen(incident) && incident.audience.kind === 'everyone' ? incident.aliases : [];
  return {
    incidentId: incident.id,
    place,
    ...(subject === undefined ? {} : { subject }),
    ...(isByItself(incident) && incident.since !== undefined ? { since: incident.since } : {}),
  };
}

/** What the chat refuses waits, is told elsewhere or told to whoever asked. Throws what is not the chat's. */
export function createShower(parts: OutboxParts, notices: Notices): Shower {
  const { store, paceMs, log, metrics } = parts;
  const poster = createPoster(parts);

  async function perform(about: About, operation: ChatOperation, shown: Shown): Promise<ShowOutcome> {
    const pace = paceMs === 0 ? undefined : await store.claim(paceOf(about.place), paceMs);
    if (pace?.status === 'refused') return { status: 'refused', restMs: pace.freeInMs };
    try {
      const posted = await poster.perform(toldOf(about), operation, shown.posted);
      if (operation.op === 'post' && operation.message.key === CARD) noteFirstPost(about.incident);
      return { status: 'done', posted };
    } catch (cause) {
      return onRefusal(about, shown, cause);
    }
  }

  function noteFirstPost({ openedAt }: Incident): void {
    metrics?.time('imagepull_first_post_seconds', (parts.now().getTime() - Date.parse(openedAt)) / 1_000);
  }

  /** What cannot be shown for now waits. What cannot be shown there at all is told elsewhere, or else its incident is silenced and whoever asked is told. */
  async function onRefusal({ incident, place }: About, { runs, posted }: Shown, cause: unknown): Promise<ShowOutcome> {
    const { area, code, message, retryable, retryAfterMs } = asCodedError(cause);
    if (area !== 'chat') throw cause;
    log.warn(retryable ? 'chat is not available' : 'an incident can no longer be shown', { incident: incident.id, code, because: message });
    if (retryable) {
      if (retryAfterMs !== undefined) await store.hold(paceOf(place), retryAfterMs);
      return { status: 'refused', restMs: retryAfterMs ?? UNAVAILABLE_MS };
    }
    if (await tellElsewhere(incident, posted, parts)) return { status: 'silenced' };
    // Before the incident is silenced: whoever dies in between is followed by one who tries again.
    const newest = runs.at(-1);
    const { namespace, pod } = incident;
    if (newest) await notices.refuse(newest.id, { code, says: `The diagnosis of ${namespace}/${pod} cannot be shown: ${message}` });
    await store.incidents.update(incident.id, (known) => (known.silenced === undefined ? { ...known, silenced: message } : known));
    return { status: 'silenced' };
  }

  return { perform };
}
