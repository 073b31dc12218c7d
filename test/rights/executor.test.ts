import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Remedy } from '../../src/approval/remedy.ts';
import { type Rule, readObjects, rulesOf } from '../helm/rendered.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { asExecutor } from '../support/executor-account.ts';
import { CORDON, type ExecutorWorld, executorWorld, saysOf } from '../support/executor-world.ts';
import { brokenRollout, digestOf, GOOD, NAMESPACE, pod, type TestObject } from '../support/remedy-objects.ts';

/** What the chart gives an executor where all remedies are on. */
const RULES = rulesOf(readObjects(await readFile('test/with-helm/golden/everything.yaml', 'utf8')), 'imagepull-executor');
const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

let certificates: Certificates;
let world: ExecutorWorld;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterEach(() => world?.stop());
afterAll(() => certificates.remove());

/** Approves and carries out a remedy in a cluster that lets the executor do what the given rules say; the outcome, and what it says. */
async function carryOut(
  remedy: Remedy,
  objects: readonly TestObject[] = brokenRollout('Deployment', 'web'),
  rules: readonly Rule[] = RULES,
) {
  const server = await asExecutor(certificates);
  world = await executorWorld({ objects, server });
  world.server.rights.set({ user: [...(server.accounts?.values() ?? [])][0]?.user ?? '' }, rules);
  const { id, closed } = await world.propose(remedy);
  if (closed !== undefined) return [closed.as, closed.says];
  await world.grant(await world.store.plans.read(id));
  const { execution } = await world.apply({ id });
  return [execution?.status, execution?.status === 'applied' ? '' : saysOf({ execution })];
}

const workload = (kind: (typeof KINDS)[number]) => ({ namespace: NAMESPACE, kind, name: 'web' });
const mirror: TestObject = { kind: 'Secret', metadata: { name: 'mirror', namespace: NAMESPACE } };

describe('an executor with the roles of the chart', () => {
  it.each(KINDS)('rolls a %s back, restarts it, sets its image and attaches a secret to it', async (kind) => {
    const remedies: readonly Remedy[] = [
      { id: 'roll-back', workload: workload(kind), revision: 0 },
      { id: 'restart-workload', workload: workload(kind) },
      {
        id: 'set-image',
        workload: workload(kind),
        container: 'app',
        repository: 'registry.example/shop/web',
        tag: '1',
        digest: digestOf(GOOD),
      },
      { id: 'attach-pull-secret', workload: workload(kind), secret: 'mirror' },
    ];
    for (const remedy of remedies) {
      expect([remedy.id, ...(await carryOut(remedy, [...brokenRollout(kind, 'web'), mirror]))]).toEqual([remedy.id, 'applied', '']);
      await world.stop();
    }
  });

  it('attaches a secret to a service account', async () => {
    const remedy: Remedy = { id: 'attach-pull-secret', workload: workload('Deployment'), secret: 'mirror', to: 'service-account' };
    expect(await carryOut(remedy, [...brokenRollout('Deployment', 'web'), mirror])).toEqual(['applied', '']);
  });

  it.each(KINDS)('deletes a pod of a %s', async (kind) => {
    expect(await carryOut({ id: 'delete-pod', namespace: NAMESPACE, pod: 'web-r2-0' }, brokenRollout(kind, 'web'))).toEqual([
      'applied',
      '',
    ]);
  });

  it.each(['ReplicationController', 'Job'])('deletes a pod of a %s', async (kind) => {
    const owner: TestObject = {
      kind,
      metadata: { name: 'old', namespace: NAMESPACE, uid: 'uid-old' },
      spec: { template: { metadata: { labels: {} }, spec: { containers: [{ name: 'app', image: GOOD }] } } },
    };
    const objects = [owner, pod({ name: 'old-0', owner: { kind, name: 'old' } })];
    expect(await carryOut({ id: 'delete-pod', namespace: NAMESPACE, pod: 'old-0' }, objects)).toEqual(['applied', '']);
  });

  it('cordons a node and ends that', async () => {
    expect(await carryOut(CORDON)).toEqual(['applied', '']);
    const record = await world.carryOut({ id: 'uncordon-node', node: 'node-1' });
    expect(record.execution?.status).toBe('applied');
  });

  it('without one of them is refused, and the card has the rule', async () => {
    const rules = RULES.map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => verb !== 'delete') }));
    const [as, says] = await carryOut({ id: 'delete-pod', namespace: NAMESPACE, pod: 'web-r2-0' }, undefined, rules);
    expect([as, says]).toEqual(['refused', expect.stringMatching(/resources: \["pods"\]\s+verbs: \["delete"\]/)]);
  });
});
