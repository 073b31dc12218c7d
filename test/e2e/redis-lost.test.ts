import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceOfKind } from '../../src/demo/cluster/resources.ts';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';
import { runCli } from '../support/run-cli.ts';
import { CHANNEL, type ServiceWorld, startServiceWorld } from '../support/service-world.ts';
import { shopCards } from '../support/shop-cards.ts';
import { FREEZE_NAMESPACE, remedySettings, shopRemedies, writeRemedyFiles } from '../support/shop-remedies.ts';

/** The one namespace of which the bot tells by itself. */
const WATCHED = 50;

let world: ServiceWorld;
let folder: string;
beforeAll(async () => {
  [world, folder] = await Promise.all([startServiceWorld(), mkdtemp(join(tmpdir(), 'imagepull-lost-'))]);
  await writeRemedyFiles(folder);
});
afterAll(async () => {
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

const { own, cardOf, told } = shopCards(() => world);
const remedies = shopRemedies(() => world);
const said = () => [...world.output.values()].join('');
/** How often the service has written a line about this shop. */
const lines = (msg: string, shop: number) =>
  said()
    .split('\n')
    .filter((line) => line.includes(`"msg":"${msg}"`) && line.includes(`"shop-${shop}"`)).length;

/** Of those that were opened by the watch. */
const newestIncident = () => [...said().matchAll(/"incident":"([^"]+)"[^\n]*"msg":"an incident was opened"/g)].at(-1)?.[1];

async function flush(): Promise<void> {
  const client = new Redis(world.redisUrl);
  await client.flushall();
  client.disconnect();
}

function settingsOf(role: 'gateway' | 'executor'): string {
  return `
${remedySettings(folder, role)}
channels: { default: ${CHANNEL} }
watch: { announceAfterMs: 0, sweepMs: 5000, optIn: true, lease: off }
`;
}

describe('a running service whose Redis loses everything', () => {
  it.each([
    { how: 'by FLUSHALL', lose: flush, planned: 2, next: 3 },
    { how: 'by a restart with an empty disk', lose: () => world.redis.startEmpty(), planned: 4, next: 5 },
  ])(
    'lives on, opens what still fails anew in the card that is there, and changes nothing, $how',
    async ({ lose, planned, next }) => {
      remedies.thaw();
      await remedies.pushed(planned);
      remedies.put({ kind: 'Namespace', metadata: { name: `shop-${WATCHED}`, labels: { 'imagepull.dev/watch': 'true' } } });
      const [service, executor] = await Promise.all([
        world.serve('service', 'gateway,worker', 1_000, { settings: settingsOf('gateway'), executorIn: FREEZE_NAMESPACE }),
        world.serve('executor', 'executor', 1_000, { settings: settingsOf('executor'), executorIn: FREEZE_NAMESPACE }),
      ]);
      await told([WATCHED]);
      const card = await remedies.proposeDeletion(planned);
      const opened = lines('an incident was opened', WATCHED);
      const posts = own().length;

      await lose();

      // The watch tells again what still fails; its card and what stands below it are those that were there.
      await eventually(() => expect(lines('an incident was opened', WATCHED)).toBe(opened + 1), 2 * PATIENCE_MS);
      const incident = newestIncident();
      await eventually(
        () => expect(cardOf(WATCHED)).toMatchObject({ metadata: { event_payload: { incident } }, text: expect.stringMatching(/ checks/) }),
        2 * PATIENCE_MS,
      );
      await told([WATCHED]);

      // A button of a plan that is lost says so to who presses it, and nothing is done.
      const answers = world.slack.responses.length;
      await world.slack.click({ user: 'U0APPROVER', message: card, label: 'Review …' });
      await eventually(() => expect(JSON.stringify(world.slack.responses.slice(answers))).toContain('That is gone'));
      expect(remedies.deletions()).toEqual([]);
      expect(world.api.store.get(resourceOfKind('ConfigMap'), `${FREEZE_NAMESPACE}/imagepull-freeze`)).toMatchObject({
        data: { frozen: 'false' },
      });

      // What the log tells of the audit shows what is missing.
      const log = join(folder, 'log');
      await writeFile(log, said());
      const verify = ['audit', 'verify', '--key', join(folder, 'gateway.pub'), '--key', join(folder, 'executor.pub'), '--head', log];
      const verified = await runCli(verify, { env: { REDIS_URL: world.redisUrl } });
      expect(verified.code).toBe(1);
      expect(verified.stdout).toContain('is missing');

      // Everything works as before.
      await world.diagnose(next);
      await told([next, WATCHED]);
      expect(own().length).toBe(posts + 3);
      for (const served of [service, executor]) await served.end('SIGTERM');
      for (const name of ['service', 'executor']) expect(world.output.get(name)?.trimEnd()).toMatch(/"msg":"stopped"}$/);
      expect(said()).not.toMatch(/internal\/unexpected|\n {4}at /);
    },
    900_000,
  );
});
