import { useEffect, useRef, useState } from 'react';
import type { SlackState } from '../state.ts';

/** What each person has read of each channel: the name of the last message, by `person channel`. */
type Reading = Readonly<Record<string, string>>;

/** How much a person has not read yet; replies in threads do not count, as at Slack. */
export interface Unread {
  readonly channels: ReadonlyMap<string, number>;
  /** Of the bot's messages to them alone. */
  readonly direct: number;
}

/** Follows what people read: all of a channel while it is shown. `scene` is another where all begins anew. */
export function useReading(
  slack: SlackState,
  given: { readonly me: string; readonly channel: string; readonly scene: string },
): { readonly unread: Unread; readonly readUntil: string } {
  const { me, channel, scene } = given;
  const [read, setRead] = useState<Reading>({});
  const key = `${scene} ${me} ${channel}`;
  const last = slack.messages.findLast((message) => message.channel === channel && message.threadTs === undefined)?.ts;
  // What somebody came upon stays marked as new until they go elsewhere.
  const came = useRef<{ readonly key: string; readonly until: string }>({ key: '', until: '' });
  if (came.current.key !== key) came.current = { key, until: read[key] ?? '' };
  useEffect(() => {
    if (last !== undefined) setRead((before) => (before[key] === last ? before : { ...before, [key]: last }));
  }, [key, last]);
  const unreadIn = (where: string) => {
    const until = read[`${scene} ${me} ${where}`] ?? '';
    return slack.messages.filter((message) => message.channel === where && isNews(message, me) && message.ts > until).length;
  };
  return {
    unread: { channels: new Map(slack.channels.map(({ id }) => [id, unreadIn(id)])), direct: unreadIn(me) },
    readUntil: came.current.until,
  };
}

function isNews({ threadTs, user }: SlackState['messages'][number], me: string): boolean {
  return threadTs === undefined && user !== me;
}
