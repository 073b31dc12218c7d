import { connect, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type OwnRedis, startRedis } from '../support/redis.ts';
import { type ServiceWorld, startServiceWorld } from '../support/service-world.ts';
import { shopCards } from '../support/shop-cards.ts';

let world: ServiceWorld;
let first: OwnRedis;
let second: OwnRedis;
beforeAll(async () => {
  [world, first, second] = await Promise.all([startServiceWorld(), startRedis(), startRedis()]);
});
afterAll(async () => {
  await world?.stop();
  await Promise.all([first.stop(), second.stop()]);
});

const { cards, told } = shopCards(() => world);

/** An address that leads to the primary, as a managed service has one: what is open stays where it was. */
async function addressOf(primary: () => OwnRedis) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const { hostname, port } = new URL(primary().url);
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `redis://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function tell(redis: OwnRedis, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(redis.url);
  await work(client);
  client.disconnect();
}

it('goes on with the new primary after a failover that left its connections at the old one', async () => {
  const portOf = ({ url }: OwnRedis) => new URL(url).port;
  await tell(second, (client) => client.call('REPLICAOF', '127.0.0.1', portOf(first)));
  await eventually(() => tell(second, async (client) => expect(await client.info('replication')).toContain('master_link_status:up')));
  let primary = first;
  const address = await addressOf(() => primary);
  const processes = await Promise.all(
    (['gateway', 'worker'] as const).map((role) => world.serve(role, role, 1_000, { redisUrl: address.url })),
  );
  await world.diagnose(0);
  await told([0]);

  primary = second;
  await tell(second, (client) => client.call('REPLICAOF', 'NO', 'ONE'));
  await tell(first, (client) => client.call('REPLICAOF', '127.0.0.1', portOf(second)));

  // Somebody asks until it is taken: the first may hear that the store cannot be reached.
  await eventually(async () => {
    await world.diagnose(1);
    await eventually(() => expect(cards().some(({ text }) => text.includes('shop-1/web-0'))).toBe(true), 5_000);
  });
  await told([0, 1]);
  expect(cards()).toHaveLength(2);
  for (const served of processes) await served.end('SIGTERM');
  address.stop();
}, 600_000);
