import { expect } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { deployment } from '../cluster.ts';
import { pullableImage } from '../tag.ts';
import { newTag, PATIENCE_MS, type RemedyWorld } from './world.ts';

/** A Deployment that ran with one tag and was given another one that is not there. */
export async function brokenRollout(
  { own, failingPod }: RemedyWorld,
  app: string,
  replicas = 1,
): Promise<{ readonly good: string; readonly pod: string }> {
  const { repository, giveTag } = pullableImage();
  const good = newTag();
  await giveTag(good);
  await own.apply(deployment(app, `${repository}:${good}`, replicas));
  const ready = `${replicas}/${replicas}`;
  await eventually(async () => expect(await own.kubectl('get', 'deployment', app)).toContain(ready), PATIENCE_MS);
  await own.kubectl('set', 'image', `deployment/${app}`, `app=${repository}:${good}x`);
  return { good, pod: await failingPod(app) };
}
