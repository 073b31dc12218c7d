import type { ReactNode } from 'react';
import { useActing } from '../acting.ts';
import type { Place } from '../sidebar.tsx';
import { Composer } from './composer.tsx';
import { Conversation } from './conversation.tsx';
import { Home } from './home.tsx';

/** A channel, the bot's messages to the person, or its Home. */
export function Middle(given: {
  readonly place: Place;
  readonly channel: string;
  readonly lit: string | undefined;
  readonly readUntil: string;
}): ReactNode {
  const { place, channel, ...conversation } = given;
  const { slack, me } = useActing();
  const joined = slack.channels.find(({ id }) => id === channel);
  const title = joined ? `# ${joined.name}` : slack.bot.name;
  const about = joined?.topic ?? (place.kind === 'home' ? 'Home' : `Messages to ${me.name} alone`);
  return (
    <section className="middle" aria-label={title}>
      <header className="pane-head">
        <h2>{title}</h2>
        <p>{about}</p>
      </header>
      {place.kind === 'home' ? (
        <Home />
      ) : (
        <Conversation
          {...conversation}
          label={`Messages in ${title}`}
          channel={channel}
          empty={joined ? 'Nobody has said anything yet.' : 'The app has nothing to tell you alone.'}
        />
      )}
      {joined && <Composer channel={channel} label="Write a message" />}
    </section>
  );
}
