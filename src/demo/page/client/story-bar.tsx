import { type ReactNode, useEffect, useState } from 'react';
import type { Deed } from '../deed.ts';
import type { PersonState, SlackState, StageState } from '../state.ts';

/** Which story, what to do next, and time. */
export function StoryBar(given: {
  readonly stage: StageState;
  readonly slack: SlackState;
  readonly me: PersonState;
  readonly connected: boolean;
  readonly onDeed: (deed: Deed) => void;
  readonly onPerson: (id: string) => void;
}): ReactNode {
  const { stage, slack, me, connected, onDeed, onPerson } = given;
  const isOpen = stage.phase === 'open';
  const acting = slack.people.find(({ name }) => name === stage.hint?.who);
  return (
    <section className="story" aria-label="Story">
      <div className="story-row">
        <label className="story-choice">
          <span className="hidden">Story</span>
          <select value={stage.story} onChange={(event) => onDeed({ do: 'begin', story: event.target.value })}>
            {stage.stories.map(({ id, title }) => (
              <option key={id} value={id}>
                {id}: {title}
              </option>
            ))}
          </select>
        </label>
        {stage.playing ? (
          <button type="button" className="button" onClick={() => onDeed({ do: 'stop' })}>
            Let me play
          </button>
        ) : (
          <button type="button" className="button primary" disabled={!isOpen || stage.ended} onClick={() => onDeed({ do: 'play' })}>
            Play for me
          </button>
        )}
        <button type="button" className="button" onClick={() => onDeed({ do: 'begin', story: stage.story })}>
          From the start
        </button>
        <TimeControls clock={stage.clock} isOpen={isOpen} onDeed={onDeed} />
      </div>
      <div className="story-next" role="status">
        {!connected && <strong>The demo does not answer; trying again …</strong>}
        {connected && stage.phase === 'opening' && <>Setting the scene of {stage.story} …</>}
        {stage.phase === 'failed' && <strong>The scene could not be set: {stage.because}</strong>}
        {connected && isOpen && (
          <>
            {stage.playing && <span className="next-label">Playing</span>}
            {!stage.playing && <span className="next-label">{stage.ended ? 'The end' : 'Next'}</span>}
            <span>{sentence(stage)}</span>
            {!stage.playing && acting && acting.id !== me.id && (
              <button type="button" className="link" onClick={() => onPerson(acting.id)}>
                Be {acting.name}
              </button>
            )}
          </>
        )}
      </div>
      {stage.stuck !== undefined && (
        <p className="error" role="alert">
          {stage.stuck}
        </p>
      )}
      {stage.ended && stage.doubt !== undefined && (
        <details className="doubt">
          <summary>Where would it have been wrong?</summary>
          <p>{stage.doubt}</p>
        </details>
      )}
    </section>
  );
}

function sentence({ playing, told, hint, ended }: StageState): string {
  if (playing) {
    const last = told.at(-1);
    return last === undefined ? '' : `${last.who === undefined ? '' : `${last.who} `}${last.text}`;
  }
  if (ended) return 'It went as told. Look around, choose another story, or play this one from the start.';
  if (hint === undefined) return 'All is done; what comes of it takes a moment.';
  return hint.who === undefined ? hint.text : `As ${hint.who}: ${hint.text}`;
}

const SPEEDS = [1, 4, 10] as const;

function TimeControls(given: {
  readonly clock: StageState['clock'];
  readonly isOpen: boolean;
  readonly onDeed: (deed: Deed) => void;
}): ReactNode {
  const { clock, isOpen, onDeed } = given;
  // On a phone there is no room for it all the time.
  const [isShown, setShown] = useState(false);
  const speeds = [...new Set([...SPEEDS, clock.usual])].sort((one, other) => one - other);
  return (
    <>
      <button type="button" className="button time-opener" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
        Time
      </button>
      <fieldset className={isShown ? 'time is-open' : 'time'}>
        <legend className="hidden">Time of the cluster</legend>
        <Clock clock={clock} />
        <button
          type="button"
          className="button"
          disabled={!isOpen}
          aria-pressed={clock.speed === 0}
          onClick={() => onDeed(clock.speed === 0 ? { do: 'run', speed: clock.usual } : { do: 'pause' })}
        >
          {clock.speed === 0 ? 'Run' : 'Pause'}
        </button>
        <label>
          <span className="hidden">Speed</span>
          <select
            disabled={!isOpen}
            value={String(clock.speed || clock.usual)}
            onChange={(event) => onDeed({ do: 'run', speed: Number(event.target.value) })}
          >
            {speeds.map((speed) => (
              <option key={speed} value={String(speed)}>
                {speed}×
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="button" disabled={!isOpen} onClick={() => onDeed({ do: 'step', seconds: 60 })}>
          +1 min
        </button>
      </fieldset>
    </>
  );
}

/** The cluster's time, gone on with here between two words of the server. */
function Clock({ clock }: { readonly clock: StageState['clock'] }): ReactNode {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const ms = clock.nowMs + Math.max(0, now - clock.saidAtMs) * clock.speed;
  return <time className="clock">{new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })}</time>;
}
