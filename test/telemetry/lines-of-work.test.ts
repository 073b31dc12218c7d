import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { PEOPLE, remedyService } from '../support/remedy-service.ts';

type Line = Readonly<Record<string, unknown>>;

it('each line about a run, an incident or a plan carries its id under that one name, from the question to the proof', async ({
  onTestFinished,
}) => {
  const world = await remedyService();
  onTestFinished(() => world.stop());
  const lines = (): readonly Line[] =>
    world
      .log()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  // Slack fails once: the line about that is written far from where a run is known.
  world.slack.faults.add({ kind: 'server-error', methods: ['chat.update'] });
  world.cluster.server.faults.add({ status: 403, path: /\/nodes\// });
  const incident = await world.diagnose();
  await incident.click(PEOPLE.ann, 'Roll back');
  await incident.says(/has 0/);
  await incident.decide(PEOPLE.bob, 'Review …', 'it ran before');
  await incident.says(/^Fixed: 2 of 2/);
  const told = (msg: string, kind?: string) => lines().find((line) => line['msg'] === msg && (kind === undefined || line['kind'] === kind));
  await eventually(() => expect(told('audit', 'outcome')).toBeDefined());

  const ids = { run: told('a diagnosis has begun')?.['run'], incident: told('a diagnosis has begun')?.['incident'] };
  const plan = told('a plan was asked for')?.['plan'];
  expect(Object.values({ ...ids, plan }).map((id) => typeof id)).toEqual(['string', 'string', 'string']);
  expect(told('a diagnosis has ended')).toMatchObject({ ...ids, cause: 'tag-not-found' });
  expect(told('a step has failed')).toMatchObject({ ...ids, step: expect.any(String) });
  expect(told('chat is not available')).toMatchObject({ incident: ids.incident });
  for (const [msg, kind] of [
    ['a plan was asked for'],
    ['a plan was made'],
    ['audit', 'proposal'],
    ['audit', 'decision'],
    ['audit', 'grant'],
    ['audit', 'intent'],
    ['audit', 'execution'],
    ['a plan was carried out or not'],
    ['audit', 'outcome'],
  ] as const)
    expect([msg, kind, told(msg, kind)]).toEqual([msg, kind, expect.objectContaining({ ...ids, plan })]);

  // A request has the id of the run that it leads to, and an incident the one of the request that opened it.
  const names: Readonly<Record<string, readonly string[]>> = {
    [String(ids.run)]: ['run', 'request', 'incident'],
    [String(plan)]: ['plan'],
  };
  for (const line of lines())
    for (const [name, value] of Object.entries(line))
      for (const [id, known] of Object.entries(names)) if (value === id) expect([name, known.includes(name)]).toEqual([name, true]);
});
