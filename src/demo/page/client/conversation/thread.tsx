import { type ReactNode, useEffect, useRef } from 'react';
import { useActing } from '../acting.ts';
import { Scrolling } from '../scrolling.tsx';
import { Composer } from './composer.tsx';
import { MessageRow } from './message.tsx';

/** A message with all replies to it, beside the channel. */
export function Thread(given: { readonly channel: string; readonly ts: string; readonly onClose: () => void }): ReactNode {
  const { channel, ts, onClose } = given;
  const { slack, me } = useActing();
  const pane = useRef<HTMLElement>(null);
  const list = useRef<HTMLElement>(null);
  const parent = slack.messages.find((message) => message.channel === channel && message.ts === ts);
  const replies = slack.messages.filter((message) => message.channel === channel && message.threadTs === ts);
  const whispered = slack.ephemerals.filter((message) => message.channel === channel && message.threadTs === ts && message.to === me.id);
  const below = [...replies, ...whispered].sort((one, other) => Number(one.ts) - Number(other.ts));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another thread takes the focus again
  useEffect(() => pane.current?.focus(), [ts]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes to its end with each reply
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [below.length]);
  if (parent === undefined) return null;
  return (
    <section className="pane thread" aria-label="Thread" ref={pane} tabIndex={-1}>
      <header className="pane-head">
        <h2>Thread</h2>
        <button type="button" className="icon" aria-label="Close thread" onClick={onClose}>
          ✕
        </button>
      </header>
      <Scrolling className="conversation" box={list} label="Messages of the thread">
        <ol>
          <MessageRow message={parent} inThread />
          <li className="count">
            <span>
              {below.length} {below.length === 1 ? 'reply' : 'replies'}
            </span>
          </li>
          {below.map((message) => (
            <MessageRow key={message.ts} message={message} inThread />
          ))}
        </ol>
      </Scrolling>
      <Composer channel={channel} thread={ts} label="Reply" />
    </section>
  );
}
