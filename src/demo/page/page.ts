import { setImmediate } from 'node:timers/promises';
import type { Environment } from '../player/environment.ts';
import type { Story } from '../stories/story.ts';
import { bundleClient } from './client-bundle.ts';
import { EventStream } from './event-stream.ts';
import { servePage } from './page-server.ts';

/** The page of the demo, served. */
export interface Page {
  readonly url: string;
  /** Settles once the first story is there, or could not be, which the page says. */
  readonly opened: Promise<void>;
  /** Ends it and all that was started for it. */
  stop(): Promise<void>;
}

/** Serves the page, which is there while the scene is still being set. Throws `usage/demo` where the port is taken. */
export async function openPage(given: {
  readonly stories: readonly Story[];
  readonly first: Story;
  /** 0 for a free one. */
  readonly port: number;
  /** Take a free one where that is taken. */
  readonly orAnyPort?: boolean;
  /** The address that is listened on, in place of loopback. */
  readonly host?: string | undefined;
  /** Opens what a story needs, in place of stand-ins. */
  readonly open?: ((story: Story) => Promise<Environment>) | undefined;
  /** How long what is done for somebody is announced before it is done, ms. */
  readonly paceMs?: number;
}): Promise<Page> {
  const { port, orAnyPort = false, host, ...show } = given;
  const events = new EventStream();
  const bundle = bundleClient();
  // Whether it could be made is heard by whoever asks for it.
  const made = bundle.then(
    () => undefined,
    () => undefined,
  );
  const audience = {
    show: (part: string, state: unknown) => events.set(part, state),
    get looks() {
      return events.readers > 0;
    },
  };
  // The bot, which a stage brings along, takes longer to load than all else.
  const load = async () => new (await import('./stage.ts')).Stage({ ...show, audience });
  let loading: ReturnType<typeof load> | undefined;
  const stage = () => (loading ??= load());
  const begin = async () => {
    // Whoever called says first where the page is. Loading keeps this process from answering; the script is made meanwhile, by another one.
    await setImmediate();
    const [loaded] = await Promise.all([stage(), made]);
    await setImmediate();
    await loaded.begin();
  };
  try {
    const server = await servePage({ port, orAnyPort, host, bundle, events, act: async (deed) => (await stage()).do(deed) });
    return {
      url: server.url,
      opened: begin(),
      async stop() {
        events.stop();
        await server.stop();
        await (await stage()).stop();
      },
    };
  } catch (cause) {
    events.stop();
    throw cause;
  }
}
