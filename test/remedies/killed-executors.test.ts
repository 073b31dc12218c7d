import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRedis, type RedisConnection } from '../../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis/redis-store.ts';
import { eventually } from '../support/eventually.ts';
import { sharedRedis } from '../support/redis.ts';
import { recorded } from '../support/requests/recorded.ts';
import { approved } from './journey.ts';
import { type PlanWorld, POLICY, planWorld } from './plan-world.ts';

const KILLS = Number(process.env['IMAGEPULL_KILLS'] ?? 20);
/** Requests to the API server that one plan takes, each with its coming and going. */
const MOMENTS = 24;
const REMEDIES = ['roll-back', 'delete-pod', 'set-image'] as const;

const place = sharedRedis();
const processes = new Set<ChildProcess>();
let world: PlanWorld;
let redis: RedisConnection;
let prefix: string;
beforeAll(async () => {
  prefix = place.prefix();
  redis = openRedis(place.url);
  world = await planWorld(POLICY, { store: createRedisStore({ redis, prefix }) });
});
afterAll(async () => {
  await Promise.all([...processes].map(kill));
  await world.stop();
  await redis.close();
});

async function kill(child: ChildProcess): Promise<void> {
  processes.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** An executor in a process of its own; what it answers to a plan, or undefined where it died of it. */
async function start() {
  const { executor, gateway } = world.keys;
  const child = spawn(process.execPath, ['test/remedies/executor-process.ts', place.url, prefix, world.cluster.url], {
    env: {
      PATH: process.env['PATH'],
      ...recorded(),
      EXECUTOR_KEY: executor.privatePem,
      EXECUTOR_PUBLIC: executor.publicPem,
      GATEWAY_PUBLIC: gateway.publicPem,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  processes.add(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('ready');
  return {
    child,
    async carryOut(planId: string): Promise<string | undefined> {
      child.stdin.write(`${planId} ${world.now().toISOString()}\n`);
      const { value, done } = await lines.next();
      return done ? undefined : value;
    },
  };
}

it(
  `executors that are killed with SIGKILL at any moment are followed by others that do each plan once (${KILLS} times)`,
  async () => {
    let [victim, heir] = await Promise.all([start(), start()]);
    let died = 0;
    for (let attempt = 0; died < KILLS; attempt++) {
      const remedy = REMEDIES[attempt % REMEDIES.length] ?? 'roll-back';
      const app = `killed-${attempt}`;
      const planId = await approved(world, { app, remedy });
      const moment = 1 + ((attempt * 5) % MOMENTS);
      let happened = 0;
      world.hooks.onRequest = () => {
        happened += 1;
        if (happened === moment) victim.child.kill('SIGKILL');
      };
      const answer = await victim.carryOut(planId);
      world.hooks.onRequest = () => undefined;
      if (answer === undefined) {
        died += 1;
        await kill(victim.child);
        [victim, heir] = [heir, await start()];
      }
      // A grant that the dead one has used up is followed by another.
      world.forward(61_000);
      await world.gateway().settle();
      await eventually(async () => expect(await victim.carryOut(planId)).toBe('applied'));
      const writes = world.done().filter(({ request }) => request.endsWith(`/${app}`) || request.includes(`/${app}-new-0`));
      expect([attempt, moment, writes.length]).toEqual([attempt, moment, 1]);
      expect((await world.store.runs.read(`run-${app}`)).plan?.status).toBe('verifying');
    }
  },
  120_000 + KILLS * 20_000,
);
