import { paintFor, widthOf } from '../../cli/output.ts';
import { CodedError } from '../../errors.ts';
import { hanging, type Paint } from '../../report/layout.ts';
import type { Story } from '../stories/story.ts';
import { openEnvironment } from './environment.ts';
import { playStory } from './play-story.ts';
import { createTerminalTeller } from './terminal-teller.ts';
import { NotSeen } from './until.ts';

/** For one thing that has to be seen, ms. */
const PATIENCE_MS = 40_000;
const MAX_LOG_LINES = 10;

/** Plays a story in the terminal, to its end. Throws `demo/otherwise` where it does not go as told, after it has said what was expected and seen. */
export async function playInTerminal(
  story: Story,
  signal: AbortSignal,
  { listedBy, maxWidth }: { readonly listedBy: string; readonly maxWidth: number },
): Promise<void> {
  const begun = Date.now();
  const paint = paintFor(process.stdout);
  const width = Math.min(maxWidth, widthOf(process.stdout));
  const write = (text: string) => void process.stdout.write(text);
  write(`${paint.strong(story.id)}\n${hanging('', story.title, width).join('\n')}\n\n`);
  const environment = await openEnvironment(story, { random: Math.random });
  try {
    const teller = createTerminalTeller({ write, paint, width });
    await playStory(story, environment, { teller, patience: { limitMs: PATIENCE_MS, signal } });
    const seconds = Math.round((Date.now() - begun) / 1_000);
    write(`\n${paint.good('✓')} It went as told, in ${seconds} s. More stories: ${listedBy}\n`);
  } catch (cause) {
    if (!(cause instanceof NotSeen)) throw cause;
    write(`\n${unseen(cause, environment.log(), { paint, width })}`);
    throw new CodedError('demo/otherwise', `The story ${story.id} did not go as told.`, { cause });
  } finally {
    await environment.stop();
  }
}

/** What was expected and seen, with what the service warned of. */
function unseen({ expected, seen }: NotSeen, log: string, { paint, width }: { readonly paint: Paint; readonly width: number }): string {
  const warnings = log
    .split('\n')
    .filter((line) => /"level":"(?:warn|error)"/.test(line))
    .slice(-MAX_LOG_LINES);
  return [
    paint.bad('✗ It did not go as told.'),
    ...hanging('  expected  ', expected, width),
    ...hanging('  seen      ', seen, width),
    ...warnings.flatMap((line) => hanging('  log       ', line, width)),
    '',
  ].join('\n');
}
