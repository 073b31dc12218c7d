import { useEffect, useState } from 'react';
import type { Deed } from '../deed.ts';
import type { DeedAnswer, PageState, PartName } from '../state.ts';

/** What is known of the state by now, and whether the server is there. */
export interface Live {
  readonly state: Partial<PageState>;
  readonly connected: boolean;
}

const PARTS: readonly PartName[] = ['stage', 'slack', 'behind'];

/** Follows the state by server-sent events; the browser connects again by itself. */
export function useLive(): Live {
  const [live, setLive] = useState<Live>({ state: {}, connected: false });
  useEffect(() => {
    const source = new EventSource('events');
    source.onopen = () => setLive(({ state }) => ({ state, connected: true }));
    source.onerror = () => setLive(({ state }) => ({ state, connected: false }));
    for (const part of PARTS)
      source.addEventListener(part, (event: MessageEvent<string>) => {
        // Our own server wrote it, of these types.
        const value = JSON.parse(event.data) as PageState[PartName];
        setLive(({ state }) => ({ state: { ...state, [part]: value }, connected: true }));
      });
    return () => source.close();
  }, []);
  return live;
}

/** Sends a deed off; never throws. */
export async function send(deed: Deed): Promise<DeedAnswer> {
  try {
    const response = await fetch('deeds', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(deed),
    });
    if (!response.ok) return { ok: false, says: (await response.text()).trim() };
    return (await response.json()) as DeedAnswer;
  } catch {
    return { ok: false, says: 'The demo does not answer. Is npm run demo still running?' };
  }
}
