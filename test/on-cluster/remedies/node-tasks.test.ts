import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { pushUnpackable } from '../../support/push-layers.ts';
import { deployment } from '../cluster.ts';
import { smallDisk } from '../node-task/small-disk.ts';
import { type NodeTaskWorld, nodeTaskWorld } from '../node-task/world.ts';
import { pullableImage } from '../tag.ts';
import { PATIENCE_MS, PEOPLE, type RemedyWorld, remedyWorld } from './world.ts';

const { ann, bob, eve, mallory } = PEOPLE;
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
async function start(mode: 'approve' | 'auto', minimumAgeMs = 3_600_000): Promise<RemedyWorld> {
  const cluster = `nodeTasks: { mode: ${mode}, minimumAgeMs: ${minimumAgeMs}, image: '${nodes.image}', namespace: ${nodes.namespace}, controlPlane: true }`;
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
    await incident.says(/connection-refused confirmed/);
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

const disk = smallDisk();
/** A kubelet takes DiskPressure back five minutes after there is room. */
const RELIEF_MS = 900_000;
const MB = 1_000_000;

describe.skipIf(disk === undefined)('a full disk, from Slack', () => {
  const { node, filledTo } = disk ?? { node: '', filledTo: () => Promise.reject(new Error('no disk is named')) };

  it('is pruned once two people have approved, and the pull that waits then succeeds', { timeout: RELIEF_MS }, async () => {
    // What was brought a moment ago may go, so that the kubelet, which waits for two minutes, is not first.
    const { diagnose, failingPod, own } = await start('approve', 0);
    await nodes.holdImage(node);
    await nodes.clearImages(node);
    const [host = ''] = pullableImage().repository.split('/', 1);
    const push = async (name: string, bytes: number) => {
      const seed = randomUUID();
      await pushUnpackable({ origin: `http://${host}`, repository: name }, seed, { seed, bytes });
      return `${host}/${name}:${seed}`;
    };
    const [wanted, ...unused] = await Promise.all([
      push('imagepull-wanted', 26 * MB),
      ...[1, 2, 3].map((at) => push(`imagepull-unused-${at}`, 40 * MB)),
    ]);
    for (const image of unused) await nodes.bringTo(node, image);
    await filledTo(0.045, async () => {
      const container = { name: 'app', image: wanted, command: ['/none'] };
      const spec = { nodeName: node, priorityClassName: 'system-node-critical', terminationGracePeriodSeconds: 0, containers: [container] };
      await own.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'waits', labels: { app: 'waits' } }, spec });
      const incident = await diagnose(await failingPod('waits'));
      show('a full disk', incident.card.text);
      await incident.click(ann, `List images of ${node}`);
      await incident.says(/needs 1 approval/);
      await incident.decide(bob, 'Review …');
      await incident.says(/used by no container/);
      show('its images are listed', incident.card.text);
      await incident.click(ann, 'Prune images …');
      await incident.says(/Prune images on .* needs 2 approvals, has 0/);
      show('the plan', incident.card.text);
      await incident.decide(bob, 'Review …');
      await incident.says(/needs 2 approvals, has 1/);
      await incident.decide(eve, 'Review …');
      // Where the kubelet has removed older ones by then, enough may be free already.
      await incident.says(/Prune images[\s\S]*(removed from|which is enough)/);
      show('pruned', incident.card.text);
      await eventually(() => expect(incident.card.text).toMatch(/^(Fixed|Not fixed|Done)/), RELIEF_MS);
      show('ended', incident.card.text);
      show('its thread', incident.replies().join('\n'));
      expect(incident.card.text).toMatch(/^Fixed: 1 of 1 pod has its images/);
    });
    await nothingLeft();
  });
});
