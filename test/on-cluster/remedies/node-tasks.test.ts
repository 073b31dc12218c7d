import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { deployment } from '../cluster.ts';
import { type NodeTaskWorld, nodeTaskWorld } from '../node-task/world.ts';
import { PATIENCE_MS, PEOPLE, type RemedyWorld, remedyWorld } from './world.ts';

const { ann, bob, mallory } = PEOPLE;
const INSTALL_MS = 240_000;
/** Nothing listens there, on any node. */
const NOWHERE = '127.0.0.1:1/imagepull/none:1';

const show = (title: string, text: string) => console.log(`— ${title}\n${text}\n`);

let nodes: NodeTaskWorld;
let world: RemedyWorld | undefined;
beforeAll(async () => {
  nodes = await nodeTaskWorld();
}, INSTALL_MS);
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.log(world?.state());
  await world?.stop();
  world = undefined;
});
afterAll(() => nodes?.stop());

/** A service whose executor has what is documented and shipped, and no more. */
async function start(mode: 'approve' | 'auto'): Promise<RemedyWorld> {
  const cluster = `nodeTasks: { mode: ${mode}, image: '${nodes.image}', namespace: ${nodes.namespace}, controlPlane: true }`;
  world = await remedyWorld({ bot: nodes.own, account: () => true, cluster });
  return world;
}

async function refusedPull(app: string): Promise<string> {
  if (!world) throw new Error('there is no service');
  await world.own.apply(deployment(app, NOWHERE));
  return world.failingPod(app);
}

const nodeOf = async (pod: string) => (await world?.own.kubectl('get', 'pod', pod, '-o', 'jsonpath={.spec.nodeName}')) ?? '';
const nothingLeft = () =>
  eventually(async () => expect([...(await nodes.left('pods')), ...(await nodes.left('secrets'))]).toEqual([]), PATIENCE_MS);

describe('tasks on real nodes, asked for in Slack', () => {
  it('probe from the node once somebody has approved, and judge anew with what is seen there', async () => {
    const { diagnose } = await start('approve');
    const pod = await refusedPull('probed');
    const node = await nodeOf(pod);
    const incident = await diagnose(pod);
    show('before', incident.card.text);
    await incident.click(ann, `Probe from ${node}`);
    await incident.says(new RegExp(`Probe from ${node} needs 1 approval, has 0`));
    show('waiting for people', incident.card.text);
    await incident.decide(mallory, 'Review …').catch(() => undefined);
    expect(await nodes.left('pods')).toEqual([]);
    await incident.decide(bob, 'Review …');
    await incident.says(/From the node, 127/);
    show('after', incident.card.text);
    await incident.replied(/was carried out/);
    await incident.replied(/tried by lab|From the node/);
    show('its thread', incident.replies().join('\n'));
    expect(incident.card.text).not.toContain(`Probe from ${node} `);
    await nothingLeft();
  });

  it('probe by themselves where the configuration lets them, and pull nothing', async () => {
    const { diagnose } = await start('auto');
    const pod = await refusedPull('automatic');
    const incident = await diagnose(pod);
    await incident.says(/From the node, 127/);
    show('probed by itself', incident.card.text);
    await nothingLeft();
  });

  it('are refused while everything is frozen, and nothing is made on a node', async () => {
    const { diagnose, bot } = await start('approve');
    await bot.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'imagepull-freeze' }, data: { frozen: 'true' } });
    const pod = await refusedPull('frozen');
    const node = await nodeOf(pod);
    const incident = await diagnose(pod);
    await incident.click(ann, `Probe from ${node}`);
    await incident.replied(/cannot be done\nRemedies are frozen/);
    expect(await nodes.left('pods')).toEqual([]);
  });
});
