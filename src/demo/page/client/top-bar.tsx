import type { ReactNode } from 'react';
import type { PersonState } from '../state.ts';

/** What the page itself can do. */
export function TopBar(given: {
  readonly me: PersonState;
  readonly theme: 'light' | 'dark';
  readonly onTheme: () => void;
  readonly isBehind: boolean;
  readonly onBehind: (shown: boolean) => void;
  /** On a phone, where persons and channels lie behind a button. */
  readonly isMenu: boolean;
  readonly onMenu: (shown: boolean) => void;
}): ReactNode {
  const { me, theme, onTheme, isBehind, onBehind, isMenu, onMenu } = given;
  return (
    <header className="top">
      <button type="button" className="button menu-button" aria-expanded={isMenu} onClick={() => onMenu(!isMenu)}>
        ☰ <span>{me.name}</span>
        <span className="hidden">: persons and channels</span>
      </button>
      <h1>imagepull</h1>
      <button type="button" className="button" aria-pressed={isBehind} onClick={() => onBehind(!isBehind)}>
        Behind the scenes
      </button>
      <button type="button" className="button" onClick={onTheme}>
        {theme === 'dark' ? 'Light' : 'Dark'}
      </button>
    </header>
  );
}
