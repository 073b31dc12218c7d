import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';
import { dumpOf, watchRedis } from '../support/redis-contents.ts';
import { runCli } from '../support/run-cli.ts';
import { CANARY, CHANNEL, type Served, type ServiceWorld, startServiceWorld, USER } from '../support/service-world.ts';
import { ASKED_ONCE, shopCards, UNENDING_LEASE_MS } from '../support/shop-cards.ts';

const KILLS = Number(process.env['IMAGEPULL_KILLS'] ?? 6);
/** Requests that one diagnosis sends to the API server and to Slack. */
const MOMENTS = 14;

let world: ServiceWorld;
let watch: Awaited<ReturnType<typeof watchRedis>>;
let shop = 0;
beforeAll(async () => {
  world = await startServiceWorld();
  watch = await watchRedis(world.redisUrl);
});
afterAll(async () => {
  watch.stop();
  await world.stop();
});

const { cards, cardOf, told, asked } = shopCards(() => world);
const nextShop = () => shop++;
const happened = () => world.api.requests.length + world.slack.requests.length;
/** Waits until so many requests more were sent, or until nothing more can be waited for. */
const until = (moment: number) =>
  vi.waitFor(() => expect(happened()).toBeGreaterThanOrEqual(moment), { timeout: 4_000, interval: 1 }).catch(() => undefined);

async function endAll(processes: readonly Served[]): Promise<void> {
  for (const served of processes) await served.end('SIGTERM');
}

describe('gateways and workers on one Redis', () => {
  it('share the work, do none of it twice, and tell each diagnosis once', async () => {
    const workers = ['worker-1', 'worker-2', 'worker-3'];
    const processes = await Promise.all([
      ...['gateway-1', 'gateway-2'].map((name) => world.serve(name, 'gateway', UNENDING_LEASE_MS)),
      ...workers.map((name) => world.serve(name, 'worker', UNENDING_LEASE_MS)),
    ]);
    const shops = Array.from({ length: 9 }, nextShop);
    for (const number of shops) {
      world.slack.deliverTwice();
      await world.diagnose(number);
    }
    await told(shops);
    expect(cards()).toHaveLength(shops.length);

    for (const number of shops) expect(asked(number)).toEqual(ASKED_ONCE);
    for (const name of workers) expect(world.requestsOf(name)).toBeGreaterThan(0);
    for (const name of ['gateway-1', 'gateway-2']) expect(world.requestsOf(name)).toBe(0);
    await endAll(processes);
  }, 600_000);

  it('wait where Slack has too much to do, fails, or loses its answer after it did what was asked', async () => {
    const processes = await Promise.all([
      world.serve('gateway-1', 'gateway'),
      world.serve('gateway-2', 'gateway'),
      world.serve('worker-1', 'worker'),
    ]);
    const says = ['chat.postMessage', 'chat.update'];
    world.slack.faults.add({ kind: 'cut-after', methods: ['chat.postMessage'] });
    world.slack.faults.add({ kind: 'rate-limited', methods: says, retryAfterS: 2 });
    world.slack.faults.add({ kind: 'server-error', methods: says }, 2);
    world.slack.faults.add({ kind: 'cut-before', methods: says });
    const shops = Array.from({ length: 2 }, nextShop);
    for (const number of shops) await world.diagnose(number);
    await told(shops);
    expect(world.slack.faults.waiting()).toBe(0);
    await endAll(processes);
  }, 600_000);

  it('go on where they were when Redis is killed and started again', async () => {
    const processes = await Promise.all([world.serve('gateway-1', 'gateway'), world.serve('worker-1', 'worker')]);
    for (const moment of [1, 6, 12]) {
      const number = nextShop();
      const start = happened();
      await world.diagnose(number);
      await until(start + moment);
      await world.redis.kill();
      const answers = world.slack.responses.length;
      await world.slack.command({ user: USER, channel: CHANNEL, text: 'status' });
      await eventually(() => expect(JSON.stringify(world.slack.responses.slice(answers))).toContain('I cannot reach my store'));
      await world.redis.startAgain();
      await told([number]);
    }
    await endAll(processes);
  }, 600_000);

  it(
    `lose nothing and say nothing twice when they are killed at any moment (${KILLS} times)`,
    async () => {
      const start = async (name: string): Promise<Served> => world.serve(name, name.startsWith('gateway') ? 'gateway' : 'worker');
      const processes = await Promise.all(['gateway-1', 'worker-1', 'gateway-2', 'worker-2'].map(start));
      for (let kill = 0; kill < KILLS; kill++) {
        const number = nextShop();
        const before = happened();
        await world.diagnose(number);
        // Over all stages of a diagnosis; 28 kills meet each process at half of them, the next 28 at the other half.
        await until(before + ((kill * 5 + Math.floor(kill / 28)) % MOMENTS));
        const victim = processes[kill % processes.length];
        if (!victim) throw new Error('nobody is left');
        await victim.end('SIGKILL');
        const [again] = await Promise.all([start(victim.name), told([number])]);
        processes[kill % processes.length] = again;
      }
      await endAll(processes);
    },
    2 * PATIENCE_MS + KILLS * 120_000,
  );

  it('keep what a cluster answers where somebody says that a verdict is wrong, without secrets, to be replayed', async () => {
    const processes = await Promise.all([world.serve('gateway-1', 'gateway'), world.serve('worker-1', 'worker')]);
    const number = nextShop();
    await world.diagnose(number);
    await told([number]);
    const card = cardOf(number);
    if (!card) throw new Error('no card');
    const views = world.slack.workspace.views.length;
    await world.slack.click({ user: USER, message: card, label: 'Wrong verdict …' });
    await eventually(() => expect(world.slack.workspace.views).toHaveLength(views + 1));
    await world.slack.submit({ user: USER, view: views, values: { 'imagepull.dispute.cause': 'dns-failure' } });
    await eventually(() => expect(cardOf(number)?.text).toContain(`@${USER} says: dns failure`));
    const env = { REDIS_URL: world.redisUrl };
    const line = async () => (await runCli(['corrections', 'list'], { env })).stdout;
    await eventually(async () =>
      expect(await line()).toMatch(
        new RegExp(`shop-${number}/web-0 in .*repository-not-found confirmed, somebody says: dns failure +recorded`),
      ),
    );
    const folder = await mkdtemp(join(tmpdir(), 'imagepull-correction-'));
    const exported = await runCli(['corrections', 'export', (await line()).split(' ')[0] ?? '', folder], { env });
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    for (const name of await readdir(folder)) expect(await readFile(join(folder, name), 'utf8')).not.toContain(CANARY);
    expect((await runCli(['replay', folder])).stdout).toContain('has no repository shop/web');
    await rm(folder, { recursive: true });
    await endAll(processes);
  }, 600_000);

  it('let no secret into Redis, Slack or a log', async () => {
    const places: Readonly<Record<string, { readonly content: string; readonly tells: string }>> = {
      redis: { content: await dumpOf(world.redisUrl), tells: 'kubectl set image -n shop-1 pod/web-0' },
      // Redis was away meanwhile; its watch shows quotes behind backslashes.
      commands: { content: watch.commands.join('\n').replaceAll('\\', ''), tells: `"namespace":"shop-${shop - 1}","pod":"web-0"` },
      slack: { content: said(), tells: 'shop-1/web-0' },
      output: { content: [...world.output.values()].join(''), tells: '"msg":"serving"' },
    };
    for (const planted of ['canary-environment', 'canary-annotation', 'canary-error'])
      expect(JSON.stringify(world.cluster)).toContain(planted);
    // Each place tells of the diagnoses, so that it could tell what is secret as well.
    for (const [place, { content, tells }] of Object.entries(places)) {
      expect([place, content.includes(tells)]).toEqual([place, true]);
      for (const form of formsOf(CANARY)) expect([place, form, content.includes(form)]).toEqual([place, form, false]);
    }
  });
});

/** All that Slack was sent, as it came and as it reads. */
function said(): string {
  const { requests, responses } = world.slack;
  const bodies = requests.map(({ body }) => `${body}\n${decodeURIComponent(body.replaceAll('+', ' '))}`);
  return [...bodies, JSON.stringify(responses)].join('\n');
}

/** A word as it is, and as base64 shows it wherever it stands in what was encoded. */
function formsOf(word: string): readonly string[] {
  const encoded = [0, 1, 2].map((offset) => {
    const text = Buffer.from('x'.repeat(offset) + word).toString('base64');
    // Only the characters that its neighbours have no part in: fewer would be found in any digest.
    return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + word.length) * 8) / 6));
  });
  return [word, ...encoded];
}
