import type { Story } from '../stories/story.ts';
import { bundleClient } from './client-bundle.ts';
import { EventStream } from './event-stream.ts';
import { servePage } from './page-server.ts';
import { Stage } from './stage.ts';

/** The page of the demo, served. */
export interface Page {
  readonly url: string;
  /** Settles once the first story is there, or could not be, which the page says. */
  readonly opened: Promise<void>;
  /** Ends it and all that was started for it. */
  stop(): Promise<void>;
}

/** Serves the page and sets the scene meanwhile. Throws `usage/demo` where the port is taken. */
export async function openPage(given: {
  readonly stories: readonly Story[];
  readonly first: Story;
  /** 0 for a free one. */
  readonly port: number;
  /** Take a free one where that is taken. */
  readonly orAnyPort?: boolean;
  /** How long what is done for somebody is announced before it is done, ms. */
  readonly paceMs?: number;
}): Promise<Page> {
  const { port, orAnyPort = false, ...show } = given;
  const events = new EventStream();
  const stage = new Stage({
    ...show,
    audience: {
      show: (part: string, state: unknown) => events.set(part, state),
      get looks() {
        return events.readers > 0;
      },
    },
  });
  const bundle = bundleClient();
  // Whoever asks for it hears of it; until then it is nobody's.
  bundle.catch(() => undefined);
  try {
    const server = await servePage({ port, orAnyPort, bundle, events, act: (deed) => stage.do(deed) });
    const opened = stage.begin();
    return {
      url: server.url,
      opened,
      async stop() {
        events.stop();
        await server.stop();
        await stage.stop();
      },
    };
  } catch (cause) {
    events.stop();
    throw cause;
  }
}
