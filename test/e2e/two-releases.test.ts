import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { KINDS } from '../../src/store/kinds.ts';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';
import { CHANNEL, type ServiceWorld, startServiceWorld, USER } from '../support/service-world.ts';
import { ASKED_ONCE, shopCards, UNENDING_LEASE_MS } from '../support/shop-cards.ts';
import { FREEZE_NAMESPACE, remedySettings, shopRemedies, writeRemedyFiles } from '../support/shop-remedies.ts';

const NEXT = { NODE_OPTIONS: `--import=${new URL('../support/next-release.ts', import.meta.url).href}` };

let world: ServiceWorld;
let folder: string;
beforeAll(async () => {
  [world, folder] = await Promise.all([startServiceWorld(), mkdtemp(join(tmpdir(), 'imagepull-releases-'))]);
  await writeRemedyFiles(folder);
});
afterAll(async () => {
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

const { cards, cardsOf, told, asked } = shopCards(() => world);
const remedies = shopRemedies(() => world);
let shop = 0;
const nextShops = (count: number) => Array.from({ length: count }, () => shop++);

/** Starts a process of this release or of the next one. */
function serve(name: string, release: 'this' | 'next', roles: 'gateway,worker' | 'executor' = 'gateway,worker') {
  return world.serve(name, roles, UNENDING_LEASE_MS, {
    settings: remedySettings(folder, roles === 'executor' ? 'executor' : 'gateway'),
    executorIn: FREEZE_NAMESPACE,
    ...(release === 'next' ? { environment: NEXT } : {}),
  });
}

const StoredRun = z.looseObject({ target: z.looseObject({ namespace: z.string() }) });

/** The versions in which the runs of these shops are stored, each once. */
async function versionsOf(shops: readonly number[]): Promise<readonly number[]> {
  const client = new Redis(world.redisUrl);
  try {
    const versions = new Set<number>();
    for (const key of await client.keys('imagepull:v2:run:*')) {
      const [version, json] = await client.hmget(key, 'version', 'json');
      const { target } = StoredRun.parse(JSON.parse(json ?? ''));
      if (shops.some((number) => target.namespace === `shop-${number}`)) versions.add(Number(version));
    }
    return [...versions].sort();
  } finally {
    client.disconnect();
  }
}

/** Somebody asks for the history, and a shop is in it. */
async function historyTells(number: number): Promise<void> {
  const answers = world.slack.responses.length;
  await world.slack.command({ user: USER, channel: CHANNEL, text: `history shop-${number}` });
  await eventually(() => expect(JSON.stringify(world.slack.responses.slice(answers))).toContain(`shop-${number}/web-0`));
}

const own = KINDS.runs.version;

describe('this release and one whose records are a version ahead, on one store', () => {
  it('share the work in both directions, do none of it twice and tell each diagnosis once', async () => {
    const processes = await Promise.all([serve('this-1', 'this'), serve('next-1', 'next')]);
    const shops = nextShops(8);
    for (const number of shops) {
      world.slack.deliverTwice();
      await world.diagnose(number);
    }
    await told(shops);
    expect(cards()).toHaveLength(shops.length);
    for (const number of shops) expect([number, asked(number)]).toEqual([number, ASKED_ONCE]);
    for (const name of ['this-1', 'next-1']) expect(world.requestsOf(name)).toBeGreaterThan(0);
    // Both can read everything for as long as both live.
    expect(await versionsOf(shops)).toEqual([own]);

    // The older one ends in the midst of work, as in a rollout; what it had begun is ended by the newer one.
    const [older, newer] = processes;
    const more = nextShops(4);
    await Promise.all(more.map((number) => world.diagnose(number)));
    await older.end('SIGTERM');
    await told(more);
    for (const number of more) expect(cardsOf(number)).toHaveLength(1);

    // Alone, the newer one writes what the older cannot read; after a rollback that is left as it is.
    await eventually(async () => {
      const [alone] = nextShops(1) as [number];
      await world.diagnose(alone);
      await told([alone]);
      expect(await versionsOf([alone])).toEqual([own + 1]);
    }, 4 * PATIENCE_MS);
    const alone = shop - 1;
    await newer.end('SIGTERM');
    const back = await serve('this-2', 'this');
    const after = nextShops(2);
    for (const number of after) await world.diagnose(number);
    await told(after);
    expect(await versionsOf([alone])).toEqual([own + 1]);
    await historyTells(after[0] ?? -1);
    await world.slack.command({ user: USER, channel: CHANNEL, text: `history shop-${alone}` });
    await eventually(() => expect(world.output.get('this-2')).toMatch(/"(?:run|incident)":"[^"]+"[^\n]*by a newer imagepull/));
    await back.end('SIGTERM');

    const again = await serve('next-2', 'next');
    await historyTells(alone);
    for (let number = 0; number < shop; number++) expect([number, cardsOf(number).length]).toEqual([number, 1]);
    await again.end('SIGTERM');
  }, 900_000);

  it('carry a plan out once that one has proposed and the other one ends, whoever is told of it', async () => {
    remedies.thaw();
    const older = await Promise.all([serve('this-3', 'this'), serve('this-executor', 'this', 'executor')]);
    const newer = await Promise.all([serve('next-3', 'next'), serve('next-executor', 'next', 'executor')]);
    const shops = nextShops(3);
    for (const number of shops) {
      const before = remedies.deletions().length;
      await remedies.pushed(number);
      const card = await remedies.proposeDeletion(number);
      await remedies.approve(card);
      await eventually(() => expect(remedies.pod(number)).toBeUndefined());
      remedies.replace(number);
      await eventually(() => expect(card.text).toMatch(/^Fixed/), 2 * PATIENCE_MS);
      expect(cardsOf(number)).toHaveLength(1);
      expect(remedies.deletions()).toHaveLength(before + 1);
    }

    // One that waits for people while the older release goes is approved and carried out by the newer one.
    const [last] = nextShops(1) as [number];
    const before = remedies.deletions().length;
    await remedies.pushed(last);
    const card = await remedies.proposeDeletion(last);
    for (const served of older) await served.end('SIGTERM');
    await remedies.approve(card);
    await eventually(() => expect(remedies.pod(last)).toBeUndefined());
    remedies.replace(last);
    await eventually(() => expect(card.text).toMatch(/^Fixed/), 2 * PATIENCE_MS);
    expect(remedies.deletions()).toHaveLength(before + 1);
    for (const served of newer) await served.end('SIGTERM');
  }, 900_000);
});
