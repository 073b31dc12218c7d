import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { runCli } from '../support/run-cli.ts';
import { type ServiceWorld, startServiceWorld } from '../support/service-world.ts';
import { shopCards } from '../support/shop-cards.ts';
import { FREEZE_NAMESPACE, remedySettings, shopRemedies, writeRemedyFiles } from '../support/shop-remedies.ts';

let world: ServiceWorld;
let folder: string;
beforeAll(async () => {
  [world, folder] = await Promise.all([startServiceWorld(), mkdtemp(join(tmpdir(), 'imagepull-backup-'))]);
  await writeRemedyFiles(folder);
});
afterAll(async () => {
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

const { own, cardsOf, told } = shopCards(() => world);
const remedies = shopRemedies(() => world);
const serve = (name: string, roles: 'gateway,worker' | 'executor') =>
  world.serve(name, roles, 1_000, {
    settings: remedySettings(folder, roles === 'executor' ? 'executor' : 'gateway'),
    executorIn: FREEZE_NAMESPACE,
  });
const said = (name: string) => world.output.get(name) ?? '';
async function verifyAudit(log: string) {
  await writeFile(join(folder, 'log'), log);
  const keys = ['--key', join(folder, 'gateway.pub'), '--key', join(folder, 'executor.pub')];
  return runCli(['audit', 'verify', ...keys, '--head', join(folder, 'log')], { env: { REDIS_URL: world.redisUrl } });
}

describe('a Redis that is restored from a backup', () => {
  it('has what it had, and no plan that was carried out meanwhile is carried out once more', async () => {
    remedies.thaw();
    const [told0, approved, waiting] = [0, 1, 2] as const;
    const gateway = await serve('gateway', 'gateway,worker');
    await world.diagnose(told0);
    await told([told0]);
    const executor = await serve('executor', 'executor');
    for (const shop of [approved, waiting]) await remedies.pushed(shop);
    const granted = await remedies.proposeDeletion(approved);
    const open = await remedies.proposeDeletion(waiting);
    // Nobody carries it out yet: its grant and its task are in the backup.
    await executor.end('SIGTERM');
    await remedies.approve(granted);
    await eventually(() => expect(said('gateway')).toMatch(/"kind":"grant"/));
    const backup = await world.redis.backUp();

    // After the backup both are carried out, and their pods come again under the same names with the same trouble.
    const second = await serve('executor-2', 'executor');
    await remedies.approve(open);
    await eventually(() => {
      for (const shop of [approved, waiting]) expect(remedies.pod(shop)).toBeUndefined();
    });
    expect(remedies.deletions()).toHaveLength(2);
    for (const shop of [approved, waiting]) remedies.replace(shop, 'one that fails');
    for (const served of [second, gateway]) await served.end('SIGTERM');
    expect((await verifyAudit([...world.output.values()].join(''))).code).toBe(0);
    const posts = own().length;

    await world.redis.restore(backup);
    const back = await Promise.all([serve('gateway-2', 'gateway,worker'), serve('executor-3', 'executor')]);
    await eventually(() =>
      expect(said('executor-3')).toMatch(/"status":"refused","says":"Overtaken: [^"]*","msg":"a plan was carried out or not"/),
    );
    // What was told is told once, what is asked is answered, and the audit shows what was lost.
    await world.diagnose(3);
    await told([told0, 3]);
    for (const shop of [told0, approved, waiting]) expect(cardsOf(shop)).toHaveLength(1);
    expect(
      own()
        .slice(posts)
        .filter(({ threadTs }) => threadTs === undefined),
    ).toHaveLength(1);
    const verified = await verifyAudit([...world.output.values()].join(''));
    expect(verified.code).toBe(1);
    expect(verified.stdout).toMatch(/was changed: it is not the one that the log tells of|is missing/);
    // The one that waited then has no approval any more, whatever its card has said since.
    expect(remedies.deletions()).toHaveLength(2);
    for (const shop of [approved, waiting]) expect(remedies.pod(shop)?.metadata.uid).toBe(`uid-next-${shop}`);
    for (const served of back) await served.end('SIGTERM');
  }, 900_000);
});
