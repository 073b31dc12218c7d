import { asCodedError } from '../errors.ts';
import type { Incident, Place } from '../incident/incident.ts';
import type { Message } from '../incident/message.ts';
import { type CardOptions, threadFor } from '../report/card/card.ts';
import { isDiagnosing } from '../runbook/phase.ts';
import { unlessGone } from '../store/collection.ts';
import type { Waiting } from '../store/line.ts';
import { type ChatOperation, differenceOf } from './difference.ts';
import { joinedIncident } from './joined.ts';
import type { Notices } from './notice.ts';
import type { OutboxParts } from './outbox.ts';
import { relatedIncidents } from './related.ts';
import { createShower } from './show-one.ts';
import { markShown, readShown, type Shown } from './shown.ts';
import { endedInQuiet, isSilenced } from './silenced.ts';
import { URGENCY } from './urgency.ts';

/** Speaks in one channel. Only one does so at a time. */
export interface Speaker {
  /** Shows what waits in the channel's line, until it is empty or the channel has to rest: then the answer is for how long, ms. */
  speak(channel: string): Promise<RestMs>;
}

/** How long a channel has to rest before something more can be shown, ms; undefined when it need not, or nothing waits. */
type RestMs = number | undefined;

/** After one incident was looked at: the channel has to rest, or who is first in its line. */
type Turn = { readonly restMs: number } | { readonly restMs?: never; readonly next: Waiting | undefined };

/** What a card says of others: what the incident is a part of or holds, and how many belong to it. */
type Around = Pick<CardOptions, 'joined' | 'members' | 'related'>;

/** What only a newer program can read is left to it for so long, ms. */
const FOR_NEWER_MS = 3_000;
/** The key of an incident's card; replies are named by what they hold and their run. */
const CARD = 'card';

/** Takes the most urgent incident from a channel's line and shows the newest state of it, message by message. */
export function createSpeaker(parts: OutboxParts, notices: Notices): Speaker {
  const { store, runbook, docsUrl, hasPages, paceMs, log } = parts;
  const { line } = store;
  const shower = createShower(parts, notices);

  async function speak(channel: string): Promise<RestMs> {
    const left = new Set<string>();
    let waiting = await line.next(channel);
    while (waiting !== undefined) {
      if (left.has(waiting.id)) return FOR_NEWER_MS;
      const turn = await showOrSkip(channel, waiting, left);
      if (turn.restMs !== undefined) return turn.restMs;
      waiting = turn.next;
    }
    return undefined;
  }

  /** An incident that cannot be read must not keep the others of its channel waiting; `resume` brings it back. */
  async function showOrSkip(channel: string, waiting: Waiting, left: Set<string>): Promise<Turn> {
    try {
      const incident = await unlessGone(store.incidents.read(waiting.id));
      const [place] = incident?.places ?? [];
      if (incident && place) return await log.about({ incident: incident.id }, () => show({ channel, waiting, place }, incident));
    } catch (cause) {
      const { code, message, retryable } = asCodedError(cause);
      if (code === 'store/newer') {
        left.add(waiting.id);
        return { next: await line.drop(channel, waiting, URGENCY.newer) };
      }
      if (retryable) throw cause;
      log.error('an incident could not be shown', { incident: waiting.id, code, because: message });
    }
    return { next: await line.drop(channel, waiting) };
  }

  /** Does the next thing about one incident. Throws `store/newer` once only a newer program can go on. */
  async function show(at: { channel: string; waiting: Waiting; place: Place }, incident: Incident): Promise<Turn> {
    // Most that has an outcome is shown with what is around it: read at once, as only one speaks in a channel.
    const [shown, around] = await Promise.all([readShown(store, incident), incident.outcome && aroundOf(incident)]);
    if (await isSilenced(incident, shown.posted, parts)) return { next: await line.drop(at.channel, at.waiting) };
    const isTellable = incident.silenced === undefined && !endedInQuiet(incident, shown.posted);
    const wanted = isTellable ? await threadOf(incident, shown, around) : [];
    const operations = differenceOf(wanted, shown.posted);
    // A channel that needs no rest is shown everything at once; of an incident with many runs the older ones come first.
    const now = paceMs === 0 && shown.isAll ? operations : operations.slice(0, 1);
    let { posted } = shown;
    for (const operation of now) {
      const outcome = await shower.perform({ incident, place: at.place }, operation, { ...shown, posted });
      if (outcome.status === 'silenced') return { next: await line.next(at.channel) };
      if (outcome.status === 'refused') return outcome;
      posted = outcome.posted;
    }
    const next = await settle(at, shown, operations.slice(now.length));
    return now.length === 0 || paceMs === 0 || next === undefined ? { next } : { restMs: paceMs };
  }

  async function threadOf(incident: Incident, { runs, total }: Shown, known: Around | undefined): Promise<readonly Message[]> {
    const newest = runs.at(-1);
    // A card that says what is being done says nothing of others.
    if (newest && isDiagnosing(newest)) return threadFor(incident, runs, { runbook, docsUrl, total });
    const [around, plan] = await Promise.all([known ?? aroundOf(incident), newest && parts.plans?.of(newest)]);
    return threadFor(incident, runs, {
      runbook,
      docsUrl,
      hasPages,
      total,
      ...around,
      plan,
      offered: newest && parts.plans?.offers(newest, plan),
    });
  }

  async function aroundOf(incident: Incident): Promise<Around> {
    const [joined, members, related] = await Promise.all([
      incident.joined === undefined ? undefined : joinedIncident(incident.joined, parts),
      store.members.count(incident.id),
      relatedIncidents(incident, parts),
    ]);
    return { joined, members, related };
  }

  /** Runs with nothing left to show are done; what is left of others waits behind what is more urgent elsewhere in the channel. */
  async function settle(
    at: { channel: string; waiting: Waiting },
    shown: Shown,
    later: readonly ChatOperation[],
  ): Promise<Waiting | undefined> {
    const open = new Set(later.map(({ message }) => runOf(message)));
    const isDone = later.length === 0 && shown.isAll;
    const urgency = !isDone ? URGENCY.details : shown.newer ? URGENCY.newer : undefined;
    const [next] = await Promise.all([
      line.drop(at.channel, at.waiting, urgency),
      ...shown.runs.map((run) => (open.has(run.id) ? undefined : markShown(store, run))),
    ]);
    return next;
  }

  return { speak };
}

function runOf({ key }: Message): string {
  return key === CARD ? CARD : key.slice(key.indexOf('.') + 1);
}
