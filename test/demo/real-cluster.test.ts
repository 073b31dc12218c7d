import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import { CHANNEL } from '../../src/demo/player/bot.ts';
import { type Environment, openEnvironment } from '../../src/demo/player/environment.ts';
import { beginStory } from '../../src/demo/player/play-story.ts';
import { openRealCluster } from '../../src/demo/player/real-cluster.ts';
import { readStories } from '../../src/demo/stories/stories.ts';
import { PEOPLE } from '../../src/demo/stories/story.ts';
import { eventually } from '../support/eventually.ts';

/** What the kubeconfig of the stand-in calls its context. */
const CONTEXT = 'test';
const before = process.env['KUBECONFIG'];
let folder: string;
let theirs: Environment;
let ours: Environment | undefined;
/** Somebody's cluster: that of a story, after a rollout to a tag that there is not. */
beforeAll(async () => {
  const [story] = readStories();
  if (story === undefined) throw new Error('there is no story');
  [folder, theirs] = await Promise.all([mkdtemp(join(tmpdir(), 'imagepull-real-')), openEnvironment(story, { random: Math.random })]);
  await beginStory(story, theirs, { happens: () => undefined });
  process.env['KUBECONFIG'] = join(folder, 'kubeconfig');
  await writeFile(process.env['KUBECONFIG'], kubeconfigFor(theirs.cluster?.url ?? ''));
});
afterEach(async () => {
  await ours?.stop();
  ours = undefined;
});
afterAll(async () => {
  if (before === undefined) delete process.env['KUBECONFIG'];
  else process.env['KUBECONFIG'] = before;
  await theirs?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function buttonsAfterQuestion(allowChanges: boolean): Promise<string> {
  ours = await openRealCluster({ context: CONTEXT, allowChanges });
  const { slack } = ours;
  const { workspace } = slack;
  await slack.command({ user: PEOPLE.ann, channel: CHANNEL, text: `diagnose shop/${theirs.look('web').failing}` });
  const card = () => workspace.messages.find(({ user, threadTs }) => user === workspace.botUser && threadTs === undefined);
  await eventually(() => expect(card()?.text).toMatch(/tag-not-found confirmed[\s\S]* checks/));
  return JSON.stringify(card()?.blocks);
}

it('shows the cluster of a context and only reads', async () => {
  const from = theirs.cluster?.requests.length ?? 0;
  expect(await buttonsAfterQuestion(false)).not.toMatch(/Set image|Roll back/);
  const writes = (theirs.cluster?.requests ?? []).slice(from).filter((line) => !/^GET |^POST \/apis\/auth[a-z]+\.k8s\.io\//.test(line));
  expect(writes).toEqual([]);
});

it('offers remedies where changes are allowed', async () => {
  expect(await buttonsAfterQuestion(true)).toMatch(/Set image …[\s\S]*Roll back/);
});

it('says that there is no such context', async () => {
  await expect(openRealCluster({ context: 'nowhere', allowChanges: false })).rejects.toMatchObject({ code: 'cluster/unknown-context' });
});
