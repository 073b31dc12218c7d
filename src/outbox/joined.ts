import type { Chat } from '../chat/chat.ts';
import type { JoinedIncident } from '../report/card/card.ts';
import { unlessGone } from '../store/collection.ts';
import type { Store } from '../store/store.ts';

/** What a look at another incident needs. */
export interface JoinedParts {
  readonly store: Pick<Store, 'incidents' | 'members' | 'posted'>;
  readonly chat: Pick<Chat, 'link'>;
}

/** The incident that another one became a part of, for that one's card; undefined once it has expired. */
export async function joinedIncident(id: string, { store, chat }: JoinedParts): Promise<JoinedIncident | undefined> {
  const incident = await unlessGone(store.incidents.read(id));
  if (!incident) return undefined;
  const [{ card }, { pod }] = await Promise.all([store.posted.read(id), store.members.count(id)]);
  const [place] = incident.places;
  const url = place !== undefined && card?.status === 'posted' ? await chat.link(place, card.ts) : undefined;
  return { incident, url, pods: pod };
}
