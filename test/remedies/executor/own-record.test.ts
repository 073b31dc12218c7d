import { afterEach, describe, expect, it } from 'vitest';
import { type ExecutorWorld, executorWorld, ROLL_BACK } from '../../support/executor-world.ts';
import { GOOD, pod } from '../../support/remedy-objects.ts';

let world: ExecutorWorld;
afterEach(() => world?.stop());

/** The Deployment as its next broken rollout leaves it: no pod of an earlier revision runs. */
function brokenAgain(): void {
  for (const name of ['web-r1-0', 'web-r3-0', 'web-r3-1', 'web-r3-2']) world.remove('Pod', name);
  world.put(
    pod({ name: 'web-r4-0', image: 'registry.example/shop/web:9', labels: { app: 'web' }, owner: { kind: 'ReplicaSet', name: 'web-r4' } }),
  );
}

async function rolledBack(state: 'pulled' | 'failing'): Promise<void> {
  world = await executorWorld();
  const record = await world.carryOut(ROLL_BACK);
  for (const name of ['web-r1-0', 'web-r2-0', 'web-r2-1']) world.remove('Pod', name);
  for (let index = 0; index < 3; index++)
    world.put(pod({ name: `web-r3-${index}`, image: GOOD, state, labels: { app: 'web' }, owner: { kind: 'ReplicaSet', name: 'web-r1' } }));
  await world.look(record);
}

describe('a revision of which no pod runs', () => {
  it('is known to have run where a plan brought it and was seen to help', async () => {
    await rolledBack('pulled');
    brokenAgain();
    const record = await world.propose(ROLL_BACK);
    expect(world.proposalOf(record).plan.remedy).toMatchObject({ id: 'roll-back', revision: 1 });
  });

  it('is not where that plan did not help', async () => {
    await rolledBack('failing');
    brokenAgain();
    expect((await world.propose(ROLL_BACK)).closed?.says).toContain('is known to have run');
  });
});
