import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { Deed } from '../deed.ts';
import type { PageState } from '../state.ts';
import { type Acting, ActingProvider } from './acting.ts';
import { Announcer } from './announcer.tsx';
import { BehindPanel } from './behind-panel.tsx';
import { Modal } from './blocks/modal.tsx';
import { Middle } from './conversation/middle.tsx';
import { Thread } from './conversation/thread.tsx';
import { send } from './live.ts';
import { useReading } from './reading.ts';
import { type Place, Sidebar } from './sidebar.tsx';
import { StoryBar } from './story-bar.tsx';
import { useTheme } from './theme.ts';
import { TopBar } from './top-bar.tsx';

/** Slack as the chosen person sees it, with the story above. */
export function Workspace(given: {
  readonly stage: PageState['stage'];
  readonly slack: PageState['slack'];
  readonly behind: PageState['behind'] | undefined;
  readonly connected: boolean;
}): ReactNode {
  const { stage, slack, behind, connected } = given;
  const scene = String(stage.scene);
  const { theme, turn } = useTheme();
  const [chosen, setChosen] = useState<string>();
  const [place, setPlace] = useState<Place>({ kind: 'channel', id: slack.channels[0]?.id ?? '' });
  const [thread, setThread] = useState<{ readonly channel: string; readonly ts: string }>();
  const [lit, setLit] = useState<string>();
  const [isBehind, setBehind] = useState(false);
  const [isMenu, setMenu] = useState(false);
  const [refusal, setRefusal] = useState('');
  const id = stage.actor ?? chosen;
  const me = slack.people.find((person) => person.id === id) ?? slack.people[0];
  if (me === undefined) throw new Error('the workspace has nobody in it');
  const channel = { channel: place.kind === 'channel' ? place.id : '', direct: me.id, home: '' }[place.kind];
  const { unread, readUntil } = useReading(slack, { me: me.id, channel, scene });

  // Whoever acted last while steps were done for somebody stays chosen.
  useEffect(() => {
    if (stage.actor !== undefined) setChosen(stage.actor);
  }, [stage.actor]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scene has other threads
  useEffect(() => {
    setThread(undefined);
    setLit(undefined);
    setRefusal('');
  }, [scene]);

  const acting = useMemo<Acting>(
    () => ({
      me,
      slack,
      theme,
      async act(deed) {
        setRefusal('');
        const answer = await send({ ...deed, who: me.id } as Deed);
        // A composer and a window say it beside what was written.
        if (!answer.ok && deed.do !== 'write' && deed.do !== 'submit') setRefusal(answer.says);
        return answer;
      },
      openThread: setThread,
      goTo(where, ts) {
        setPlace({ kind: 'channel', id: where });
        setLit(ts);
      },
    }),
    [slack, me, theme],
  );
  const view = slack.views.findLast(({ user }) => user === me.id);
  const shown = [thread && 'with-thread', isBehind && 'with-behind', isMenu && 'with-menu'].filter(Boolean).join(' ');
  return (
    <ActingProvider value={acting}>
      <div className={`page ${shown}`}>
        <TopBar me={me} theme={theme} onTheme={turn} isBehind={isBehind} onBehind={setBehind} isMenu={isMenu} onMenu={setMenu} />
        <StoryBar
          stage={stage}
          slack={slack}
          me={me}
          connected={connected}
          onPerson={setChosen}
          onDeed={(deed) => void send(deed).then((answer) => setRefusal(answer.ok ? '' : answer.says))}
        />
        <Sidebar
          slack={slack}
          me={me}
          place={place}
          unread={unread}
          onPerson={setChosen}
          onPlace={(next) => {
            setPlace(next);
            setLit(undefined);
            setMenu(false);
          }}
        />
        <main className="content">
          <Middle key={`${scene} ${me.id} ${place.kind}`} place={place} channel={channel} lit={lit} readUntil={readUntil} />
          {thread && <Thread key={thread.ts} {...thread} onClose={() => setThread(undefined)} />}
          {isBehind && <BehindPanel behind={behind} stage={stage} onClose={() => setBehind(false)} />}
        </main>
        {refusal !== '' && (
          <div className="toast" role="alert">
            <span>{refusal}</span>
            <button type="button" className="icon" aria-label="Dismiss" onClick={() => setRefusal('')}>
              ✕
            </button>
          </div>
        )}
        <Announcer slack={slack} me={me.id} />
      </div>
      {view && <Modal key={view.id} opened={view} />}
    </ActingProvider>
  );
}
