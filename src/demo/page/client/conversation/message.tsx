import type { ReactNode } from 'react';
import type { EphemeralState, MessageState } from '../../state.ts';
import { nameIn, useActing } from '../acting.ts';
import { BlockKit, Markup } from '../blocks/block-kit.tsx';
import { Menu } from '../blocks/elements.tsx';
import { Avatar } from './avatar.tsx';

/** One message, or what one person alone sees. */
export function MessageRow(given: {
  readonly message: MessageState | EphemeralState;
  /** Its thread, where it is shown as one. */
  readonly replies?: readonly MessageState[];
  readonly lit?: boolean;
  readonly inThread?: boolean;
}): ReactNode {
  const { message, replies = [], lit = false, inThread = false } = given;
  const { slack, act, openThread } = useActing();
  const { channel, ts, user, text, blocks, edited } = message;
  const isBot = user === slack.bot.id;
  const isEphemeral = 'to' in message;
  const name = nameIn(slack, user);
  const click = (actionId: string, label: string) => void act({ do: 'click', channel, ts, actionId, label });
  return (
    <li
      className={['message', lit ? 'lit' : '', isEphemeral ? 'ephemeral' : ''].join(' ')}
      id={`m-${inThread ? 't-' : ''}${ts}`}
      tabIndex={-1}
    >
      <Avatar name={name} bot={isBot} />
      <div className="message-body">
        <div className="message-head">
          <strong>{name}</strong>
          {isBot && <span className="app-badge">APP</span>}
          <time dateTime={dateOf(ts).toISOString()}>{timeOf(ts)}</time>
        </div>
        {isEphemeral && (
          <p className="only-you">
            Only visible to you ·{' '}
            <button type="button" className="link" onClick={() => void act({ do: 'dismiss', ts })}>
              Dismiss
            </button>
          </p>
        )}
        {blocks.length > 0 ? <BlockKit blocks={blocks} onClick={click} /> : <Markup text={text} />}
        {edited && <span className="edited">(edited)</span>}
        {replies.length > 0 && !inThread && (
          <button type="button" className="replies" onClick={() => openThread(message)}>
            <Avatar name={nameIn(slack, replies.at(-1)?.user ?? '')} bot={replies.at(-1)?.user === slack.bot.id} small />
            <span>
              {replies.length} {replies.length === 1 ? 'reply' : 'replies'}
            </span>
            <small>last at {timeOf(replies.at(-1)?.ts ?? ts)}</small>
          </button>
        )}
      </div>
      {!isEphemeral && !inThread && channel.startsWith('C') && (
        <div className="message-tools">
          <button
            type="button"
            className="icon"
            aria-label={`Reply in thread to ${name}, ${timeOf(ts)}`}
            onClick={() => openThread(message)}
          >
            ↳
          </button>
          <Menu
            label={`More actions for the message of ${name}, ${timeOf(ts)}`}
            entries={[{ label: 'Diagnose image pull' }]}
            onChoose={() => void act({ do: 'shortcut', channel, ts })}
          />
        </div>
      )}
    </li>
  );
}

function dateOf(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

function timeOf(ts: string): string {
  return dateOf(ts).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
