import { type ReactNode, useEffect } from 'react';
import { useActing } from '../acting.ts';
import { BlockKit } from '../blocks/block-kit.tsx';
import { Scrolling } from '../scrolling.tsx';

/** The app's Home, which it draws anew each time it is opened. */
export function Home(): ReactNode {
  const { slack, me, act } = useActing();
  const blocks = slack.homes[me.id];
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened for each person who looks
  useEffect(() => void act({ do: 'home' }), [me.id]);
  return (
    <Scrolling className="conversation home" label="Home">
      {blocks === undefined ? <p className="empty">The app has not drawn its Home yet.</p> : <BlockKit blocks={blocks} />}
    </Scrolling>
  );
}
