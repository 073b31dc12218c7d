import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCodedError } from '../../src/errors.ts';
import { decide, perform, proposed } from './journey.ts';
import { CHANNEL, type Gateway, type PlanWorld, planWorld, WHO } from './plan-world.ts';

const { ann, bob, eve, mallory, guest } = WHO;
const RUNS = 60;
let world: PlanWorld;
let gateway: Gateway;
let count = 0;
beforeAll(async () => {
  world = await planWorld();
  gateway = world.gateway();
});
afterAll(() => world.stop());

/** What may happen around one plan. */
type Event =
  | { readonly kind: 'approve' | 'deny'; readonly by: string }
  | { readonly kind: 'settle' | 'perform' | 'propose' }
  | { readonly kind: 'wait'; readonly minutes: number };

const BARRED = [ann, mallory, guest, 'U0FOREIGN'];
const click = (people: readonly string[], kinds: readonly ('approve' | 'deny')[]) =>
  fc.record({ kind: fc.constantFrom(...kinds), by: fc.constantFrom(...people) });
const beside: fc.Arbitrary<Event> = fc.constantFrom({ kind: 'settle' }, { kind: 'perform' });
const waiting: fc.Arbitrary<Event> = fc.record({ kind: fc.constant('wait'), minutes: fc.integer({ min: 1, max: 12 }) });

/** Lets events happen to a plan of its own; tells for each what it found, and when something was written. */
async function live(events: readonly Event[]) {
  world.people.foreign.add('U0FOREIGN');
  const app = `many-${++count}`;
  const planId = await proposed(world, { app, remedy: 'roll-back', gateway });
  const begun = world.now().getTime();
  const writes = () => world.done().filter(({ request }) => request.endsWith(`/${app}`)).length;
  const story: { readonly event: Event; readonly noted: boolean; readonly writes: number; readonly minutes: number }[] = [];
  for (const event of events) {
    const noted = await happen(event, { app, planId });
    story.push({ event, noted, writes: writes(), minutes: (world.now().getTime() - begun) / 60_000 });
  }
  await gateway.settle();
  await perform(world);
  return { planId, story, writes: writes() };
}

async function happen(event: Event, { app, planId }: { readonly app: string; readonly planId: string }): Promise<boolean> {
  switch (event.kind) {
    case 'approve':
    case 'deny':
      return isNoted(decide(world, { planId, by: event.by, kind: event.kind, gateway }));
    case 'settle':
      await gateway.settle();
      return true;
    case 'perform':
      await perform(world);
      return true;
    case 'propose': {
      const asked = {
        person: { user: ann, channel: CHANNEL },
        delivery: `again-${app}`,
        incidentId: `incident-${app}`,
        remedy: 'roll-back' as const,
      };
      return (await gateway.desk.propose(asked)).status === 'noted';
    }
    case 'wait':
      world.forward(event.minutes * 60_000);
      return true;
    default:
      return event satisfies never;
  }
}

/** Whether a decision was taken. To guests and strangers the plan is none that there is. */
async function isNoted(deciding: ReturnType<typeof decide>): Promise<boolean> {
  try {
    return (await deciding).status === 'noted';
  } catch (cause) {
    if (asCodedError(cause).code !== 'store/not-found') throw cause;
    return false;
  }
}

describe('whatever people click, and in whatever order,', () => {
  it('nothing runs by those who are barred', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(click(BARRED, ['approve', 'deny']), beside, waiting), { maxLength: 10 }), async (events) => {
        expect((await live(events)).writes).toBe(0);
      }),
      { numRuns: RUNS, seed: 1 },
    ));

  it('nothing runs after a denial that was noted', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(click([bob, eve], ['approve', 'deny']), click(BARRED, ['approve']), beside), { maxLength: 8 }),
        async (events) => {
          const { story, writes } = await live(events);
          const denied = story.findIndex(({ event, noted }) => event.kind === 'deny' && noted);
          if (denied >= 0) expect(writes).toBe(story[denied]?.writes);
        },
      ),
      { numRuns: RUNS, seed: 2 },
    ));

  it('nothing runs after the end of the plan, and nothing at all that was not approved before', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(click([bob, eve], ['approve']), beside, waiting, waiting), { minLength: 1, maxLength: 10 }),
        async (events) => {
          const { story } = await live(events);
          for (const [at, { minutes, writes }] of story.entries()) {
            const before = story[at - 1]?.writes ?? 0;
            const approvedBy = story.slice(0, at + 1).some(({ event, noted }) => event.kind === 'approve' && noted);
            if (writes > before) expect({ approvedBy, inTime: minutes < 30 }).toEqual({ approvedBy: true, inTime: true });
          }
        },
      ),
      { numRuns: RUNS, seed: 3 },
    ));

  it('at most one thing runs', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(click([bob, eve, ...BARRED], ['approve', 'deny']), beside, waiting, fc.constant<Event>({ kind: 'propose' })), {
          maxLength: 12,
        }),
        async (events) => {
          expect((await live(events)).writes).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: RUNS, seed: 4 },
    ));

  it('what was approved in time runs', async () => {
    const { writes } = await live([
      { kind: 'approve', by: mallory },
      { kind: 'wait', minutes: 29 },
      { kind: 'approve', by: bob },
    ]);
    expect(writes).toBe(1);
  });
});
