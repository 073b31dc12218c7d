import type { ReactNode } from 'react';
import type { PersonState, SlackState } from '../state.ts';
import { Avatar } from './conversation/avatar.tsx';
import type { Unread } from './reading.ts';

/** What the middle shows: a channel, the bot's messages to the person, or its Home. */
export type Place = { readonly kind: 'channel'; readonly id: string } | { readonly kind: 'direct' } | { readonly kind: 'home' };

/** Persons, channels and the app. */
export function Sidebar(given: {
  readonly slack: SlackState;
  readonly me: PersonState;
  readonly place: Place;
  readonly unread: Unread;
  readonly onPerson: (id: string) => void;
  readonly onPlace: (place: Place) => void;
}): ReactNode {
  const { slack, me, place, unread, onPerson, onPlace } = given;
  return (
    <nav className="sidebar" aria-label="Workspace">
      <div className="workspace">
        <span className="workspace-mark" aria-hidden="true">
          D
        </span>
        <strong>Demo workspace</strong>
      </div>
      <fieldset className="persons">
        <legend>You are</legend>
        {slack.people.map(({ id, name, role }) => (
          <label key={id} className={id === me.id ? 'person chosen' : 'person'}>
            <input type="radio" name="person" value={id} checked={id === me.id} onChange={() => onPerson(id)} />
            <Avatar name={name} small />
            <span>{name}</span>
            <small>{role}</small>
          </label>
        ))}
        <p className="about">{me.about}</p>
      </fieldset>
      <h2>Channels</h2>
      <ul>
        {slack.channels.map(({ id, name }) => (
          <li key={id}>
            <Entry
              label={`# ${name}`}
              current={place.kind === 'channel' && place.id === id}
              unread={unread.channels.get(id) ?? 0}
              onPress={() => onPlace({ kind: 'channel', id })}
            />
          </li>
        ))}
      </ul>
      <h2>App: {slack.bot.name}</h2>
      <ul>
        <li>
          <Entry label="Home" current={place.kind === 'home'} unread={0} onPress={() => onPlace({ kind: 'home' })} />
        </li>
        <li>
          <Entry label="Messages" current={place.kind === 'direct'} unread={unread.direct} onPress={() => onPlace({ kind: 'direct' })} />
        </li>
      </ul>
    </nav>
  );
}

function Entry(given: {
  readonly label: string;
  readonly current: boolean;
  readonly unread: number;
  readonly onPress: () => void;
}): ReactNode {
  const { label, current, unread, onPress } = given;
  return (
    <button
      type="button"
      className={unread > 0 ? 'entry is-unread' : 'entry'}
      aria-current={current ? 'page' : undefined}
      onClick={onPress}
    >
      <span>{label}</span>
      {unread > 0 && (
        <span className="badge">
          {unread}
          <span className="hidden"> unread</span>
        </span>
      )}
    </button>
  );
}
