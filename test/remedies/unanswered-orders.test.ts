import { afterAll, beforeAll, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.ts';
import { HeldQueue } from './held-queue.ts';
import { CHANNEL, type Gateway, type PlanWorld, planWorld, WHO } from './plan-world.ts';

let world: PlanWorld;
let gateway: Gateway;
beforeAll(async () => {
  world = await planWorld();
  const queue = new HeldQueue();
  queue.answer = () => Promise.reject(new CodedError('queue/no-answer', 'nobody has answered'));
  gateway = world.gateway({ queue });
});
afterAll(() => world.stop());

const ann = { user: WHO.ann, channel: CHANNEL };
const bob = { user: WHO.bob, channel: CHANNEL };

it('an order to freeze that no executor answers stays, and kubectl freezes at once', async () => {
  const { status, says } = await gateway.desk.freeze({ person: ann });
  expect(status).toBe('refused');
  expect(says).toContain('It obeys as soon as one runs.');
  expect(says).toContain(`kubectl patch configmap imagepull-freeze -p '{"data":{"frozen":"true"}}'`);
});

it('an order to end a freeze that no executor answers is to be given again, and nothing is offered to paste', async () => {
  await gateway.desk.unfreeze({ person: ann });
  const { status, says } = await gateway.desk.unfreeze({ person: bob });
  expect(status).toBe('refused');
  expect(says).toBe(
    'No executor of prod has answered. An order to end a freeze is void after a minute: give it again once an executor runs.',
  );
});
