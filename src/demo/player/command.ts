import { isIP } from 'node:net';
import { Command, InvalidArgumentError } from 'commander';
import { print, widthOf } from '../../cli/output.ts';
import { CodedError } from '../../errors.ts';
import { hanging } from '../../report/layout.ts';
import { nearest } from '../../text/nearest.ts';
import { openPage } from '../page/page.ts';
import { readStories } from '../stories/stories.ts';
import type { Story } from '../stories/story.ts';
import type { Environment } from './environment.ts';
import { openBrowser } from './open-browser.ts';
import type { RealCluster } from './real-cluster.ts';

/** How the demo is called. */
export const DEMO = 'npm run demo --';
/** Where the page is, unless something else is there. */
const PORT = 8460;
const MAX_WIDTH = 110;

interface Options {
  readonly story?: string;
  readonly once?: true;
  readonly list?: true;
  readonly port?: number;
  readonly host?: string;
  readonly cluster?: string;
  readonly allowChanges?: true;
  /** False with --no-open. */
  readonly open: boolean;
}

/** The command line of the demo. Help goes to `write`; a signal ends a story, and all that was started for it. */
export function createDemo(write: (text: string) => void, signal: AbortSignal): Command {
  return new Command(DEMO)
    .description(
      'Shows stories in a page that looks like Slack, with the real bot between local stand-ins of Slack, a cluster and a registry.',
    )
    .option('--story <name>', 'the story, by its name')
    .option('--once', 'play it in the terminal and end: exit 0 where it went as told, 1 where it did not')
    .option('--list', 'list the stories')
    .option(
      '--port <number>',
      `where the page is served on 127.0.0.1 (${PORT}, or a free one where that is taken; 0 for a free one)`,
      portOf,
    )
    .option('--host <address>', 'listens there, for a container whose port is published on 127.0.0.1 alone', hostOf)
    .option('--cluster <context>', 'in place of a story: the bot before the cluster of that context of your kubeconfig, read only')
    .option('--allow-changes', 'with --cluster: remedies that you approve in the page are carried out')
    .option('--no-open', 'do not open a browser')
    .helpOption('-h, --help', 'show help')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: write, outputError: () => undefined })
    .action((options: Options) => run(options, signal));
}

async function run({ story: name, once, list, port, host, cluster, allowChanges, open }: Options, signal: AbortSignal): Promise<void> {
  const stories = readStories();
  if (list) return listStories(stories);
  if (allowChanges && cluster === undefined)
    throw new CodedError('usage/demo', '--allow-changes is for --cluster: stories change nothing of yours.');
  if (cluster !== undefined) {
    if (once || name !== undefined)
      throw new CodedError('usage/demo', '--cluster takes the place of a story: leave --story and --once out.');
    return showCluster({ context: cluster, allowChanges: allowChanges ?? false }, { port, host, open }, signal);
  }
  if (once && name === undefined)
    throw new CodedError('usage/demo', `Say which story: ${DEMO} --story tag-typo --once. ${DEMO} --list lists them.`);
  const story = storyCalled(name, stories);
  if (!once) return showPage({ stories, story, port, host, open }, signal);
  if (port !== undefined || host !== undefined)
    throw new CodedError(
      'usage/demo',
      '--port and --host are for the page, and --once plays in the terminal: leave the one or the other out.',
    );
  // What a story needs takes a while to load; a page is there before that.
  const { playInTerminal } = await import('./play-in-terminal.ts');
  await playInTerminal(story, signal, { listedBy: `${DEMO} --list`, maxWidth: MAX_WIDTH });
}

/** The first one where none is named. */
function storyCalled(name: string | undefined, stories: readonly Story[]): Story {
  const story = name === undefined ? stories[0] : stories.find(({ id }) => id === name);
  if (story !== undefined) return story;
  const ids = stories.map(({ id }) => id);
  const [guess] = nearest(name ?? '', ids);
  const meant = guess === undefined ? '' : ` Did you mean ${guess}?`;
  throw new CodedError('usage/demo', `There is no story ${name}.${meant} ${DEMO} --list lists them.`);
}

function portOf(written: string): number {
  const port = Number(written);
  if (/^\d{1,5}$/.test(written) && port <= 65_535) return port;
  throw new InvalidArgumentError(`A port is a number up to 65535, and 0 stands for any that is free.`);
}

function hostOf(written: string): string {
  if (isIP(written) !== 0) return written;
  throw new InvalidArgumentError('It is an address of this machine, such as 0.0.0.0.');
}

interface Where {
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly open: boolean;
}

/** Serves the page before a real cluster. Nothing of that is loaded before the page is there. */
async function showCluster(real: RealCluster, where: Where, signal: AbortSignal): Promise<void> {
  const { openRealCluster, realStory } = await import('./real-cluster.ts');
  const story = realStory(real);
  await showPage({ stories: [story], story, environment: () => openRealCluster(real), ...where }, signal);
}

/** Serves the page until a signal comes. */
async function showPage(
  given: Where & { readonly stories: readonly Story[]; readonly story: Story; readonly environment?: () => Promise<Environment> },
  signal: AbortSignal,
): Promise<void> {
  const { stories, story, environment, port, host, open } = given;
  const page = await openPage({ stories, first: story, port: port ?? PORT, orAnyPort: port === undefined, host, open: environment });
  try {
    process.stdout.write(`${page.url}\n\nThe demo is there for this machine alone. Ctrl-C ends it.\n`);
    if (open && process.stdout.isTTY)
      openBrowser(page.url, (because) => process.stdout.write(`No browser was opened (${because}): open the address above.\n`));
    const ended = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.all([ended, page.opened]);
  } finally {
    await page.stop();
  }
  signal.throwIfAborted();
}

async function listStories(stories: readonly Story[]): Promise<void> {
  const longest = Math.max(...stories.map(({ id }) => id.length));
  const width = Math.min(MAX_WIDTH, widthOf(process.stdout));
  await print(`${stories.flatMap(({ id, title }) => hanging(`${id.padEnd(longest)}  `, title, width)).join('\n')}\n`);
}
