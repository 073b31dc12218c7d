import type { ReactNode } from 'react';
import { useLive } from './live.ts';
import { Workspace } from './workspace.tsx';

/** The whole page, once there is something to show. */
export function App(): ReactNode {
  const { state, connected } = useLive();
  const { stage, slack, behind } = state;
  if (stage !== undefined && slack !== undefined) return <Workspace stage={stage} slack={slack} behind={behind} connected={connected} />;
  return (
    <main className="opening">
      <h1>imagepull: the demo</h1>
      <p role="status">{stage?.phase === 'failed' ? `The scene could not be set: ${stage.because}` : 'Setting the scene …'}</p>
    </main>
  );
}
