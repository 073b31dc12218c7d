import { Clock } from '../clock.ts';
import { startSlack } from '../slack/slack-server.ts';
import type { Story } from '../stories/story.ts';
import { startBot } from './bot.ts';
import { type Environment, fillWorkspace } from './environment.ts';

/** A cluster of the reader's own, by a context of their kubeconfig. */
export interface RealCluster {
  readonly context: string;
  /** Lets the bot change what the persons of the page approve. */
  readonly allowChanges: boolean;
}

/** What the page shows in place of a story: nothing is told before, and nothing has to come. */
export function realStory({ context, allowChanges }: RealCluster): Story {
  return {
    id: 'your-cluster',
    title: `The cluster of the context ${context}, ${allowChanges ? 'with remedies' : 'read only'}`,
    cause: '',
    registry: { images: [], private: [], arm64: [] },
    nodes: 0,
    nodeTasks: false,
    workloads: [],
    watch: false,
    before: [],
    speed: 1,
    steps: [],
    end: { card: [], cards: 0, thread: [], without: [], workloads: [] },
  };
}

/** The page's Slack with the real bot before a real cluster. Throws what the service throws when it starts. */
export async function openRealCluster({ context, allowChanges }: RealCluster): Promise<Environment> {
  const slack = await startSlack({ burst: 100 });
  fillWorkspace(slack.workspace);
  const clock = new Clock(new Date(), () => undefined);
  const settings = { name: context, context, ...(allowChanges ? { executor: { context } } : {}) };
  const bot = await startBot({
    slack,
    cluster: async () => settings,
    store: undefined,
    changes: allowChanges,
    watch: false,
    alerts: false,
  }).catch(async (cause: unknown) => {
    await slack.stop();
    throw cause;
  });
  return {
    clock,
    slack,
    bot,
    cluster: undefined,
    registry: undefined,
    mirror: undefined,
    fill: async () => undefined,
    bring: () => Promise.reject(new Error('nothing is brought about in a real cluster')),
    writes: () => 0,
    look: (workload) => {
      throw new Error(`no story looks at ${workload} in a real cluster`);
    },
    // Its time is nobody's to let pass.
    pass: async () => undefined,
    log: () => bot.log(),
    async stop() {
      clock.pause();
      await bot.stop();
      await slack.stop();
    },
  };
}
