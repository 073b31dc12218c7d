import { afterEach, expect, it } from 'vitest';
import { createRecovery } from '../../src/engine/detection/recovery.ts';
import { openRedis } from '../../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis/redis-store.ts';
import { detectionWorld, podOf, sightingObject } from '../support/detection.ts';
import { sharedRedis } from '../support/redis.ts';

const place = sharedRedis();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function processOn(prefix: string, name: string) {
  const redis = openRedis(place.url);
  closers.push(() => redis.close());
  const world = detectionWorld({ store: createRedisStore({ redis, prefix }), name });
  const recovery = createRecovery({ ...world.parts, cluster: world.cluster, mayReadSecrets: false });
  return { ...world, recovery };
}

it('two processes that see and look at once make one incident, one run and one end of it', async () => {
  const prefix = place.prefix();
  const [one, other] = [processOn(prefix, 'a'), processOn(prefix, 'b')];
  const pods = Array.from({ length: 1_203 }, (_, at) =>
    sightingObject({ pod: `web-${at}`, node: `node-${at % 7}`, symptom: 'unauthorized' }),
  );
  await Promise.all([one.see(...pods.slice(0, 900)), other.see(...pods.slice(300)), other.see(...pods)]);
  await Promise.all([one.work(), other.work()]);
  const [incident, ...more] = await one.incidents();
  expect(more).toEqual([]);
  const { id = '' } = incident ?? {};
  expect(await other.store.members.count(id)).toMatchObject({ pod: 1_203, failing: 1_203, node: 7 });
  expect(await one.runs()).toBe(1);
  await one.recovery.stillFailing(pods.slice(0, 3));
  expect(await one.store.members.count(id)).toMatchObject({ failing: 3 });
  for (const world of [one, other]) for (const pod of pods) world.pods.set(`shop/${pod.pod}`, podOf(pod, 'pulled'));
  await Promise.all([one.recovery.look(), other.recovery.look()]);
  expect((await one.incidents()).map(({ life }) => life)).toMatchObject([{ status: 'resolved', by: { pods: 1_203, pulled: 3 } }]);
  expect(await one.store.members.count(id)).toMatchObject({ failing: 0 });
  await Promise.all([
    one.see(sightingObject({ pod: 'new', symptom: 'unauthorized' })),
    other.see(sightingObject({ pod: 'new', symptom: 'unauthorized' })),
  ]);
  await Promise.all([one.work(), other.work()]);
  expect((await one.incidents()).map(({ life }) => life.status)).toEqual(['reopened']);
  expect(await one.runs()).toBe(2);
});
