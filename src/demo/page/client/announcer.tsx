import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { MessageState, SlackState } from '../state.ts';
import { nameIn } from './acting.ts';

/** Tells a screen reader of what is new, its beginning only. */
export function Announcer({ slack, me }: { readonly slack: SlackState; readonly me: string }): ReactNode {
  const known = useRef(new Map<string, string>());
  const [said, setSaid] = useState('');
  useEffect(() => {
    const seen: readonly MessageState[] = [
      ...slack.messages.filter(({ channel }) => channel === me || slack.channels.some(({ id }) => id === channel)),
      ...slack.ephemerals.filter(({ to }) => to === me),
    ];
    const news = seen.filter(({ ts, text }) => known.current.get(ts) !== text);
    for (const { ts, text } of seen) known.current.set(ts, text);
    const latest = news.at(-1);
    if (latest && latest.user !== me) setSaid(`${nameIn(slack, latest.user)}: ${latest.text.split('\n')[0]?.slice(0, 200)}`);
  }, [slack, me]);
  return (
    <div className="hidden" aria-live="polite">
      {said}
    </div>
  );
}
