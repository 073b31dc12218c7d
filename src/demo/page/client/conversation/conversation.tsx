import { type ReactNode, useEffect, useRef } from 'react';
import type { EphemeralState, MessageState } from '../../state.ts';
import { useActing } from '../acting.ts';
import { Scrolling } from '../scrolling.tsx';
import { MessageRow } from './message.tsx';

/** The messages of a channel or a direct conversation, the newest last. Stays at the end unless somebody has scrolled up. */
export function Conversation(given: {
  readonly label: string;
  readonly channel: string;
  readonly lit: string | undefined;
  /** Messages after this one are new to the person. */
  readonly readUntil: string;
  readonly empty: string;
}): ReactNode {
  const { label, channel, lit, readUntil, empty } = given;
  const { slack, me } = useActing();
  const list = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  const shown = shownIn(channel, { messages: slack.messages, ephemerals: slack.ephemerals, me: me.id });
  const threads = Map.groupBy(
    slack.messages.filter((message) => message.channel === channel && message.threadTs !== undefined),
    ({ threadTs }) => threadTs,
  );
  const firstNew = shown.find((message) => message.ts > readUntil && message.user !== me.id)?.ts;
  useEffect(() => {
    const box = list.current;
    if (box && atEnd.current) box.scrollTop = box.scrollHeight;
  });
  useEffect(() => {
    if (lit !== undefined) document.getElementById(`m-${lit}`)?.scrollIntoView({ block: 'center' });
  }, [lit]);
  return (
    <Scrolling
      className="conversation"
      box={list}
      label={label}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 60;
      }}
    >
      {shown.length === 0 && <p className="empty">{empty}</p>}
      <ol>
        {shown.map((message) => [
          message.ts === firstNew && readUntil !== '' ? (
            <li className="new-line" key="new">
              <span>New</span>
            </li>
          ) : null,
          <MessageRow key={message.ts} message={message} replies={threads.get(message.ts) ?? []} lit={message.ts === lit} />,
        ])}
      </ol>
    </Scrolling>
  );
}

/** What one person sees in a channel outside of threads. */
function shownIn(
  channel: string,
  given: { readonly messages: readonly MessageState[]; readonly ephemerals: readonly EphemeralState[]; readonly me: string },
): readonly (MessageState | EphemeralState)[] {
  const posted = given.messages.filter((message) => message.channel === channel && message.threadTs === undefined);
  const whispered = given.ephemerals.filter(
    (message) => message.channel === channel && message.to === given.me && message.threadTs === undefined,
  );
  return [...posted, ...whispered].sort((one, other) => Number(one.ts) - Number(other.ts));
}
