import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { WrittenObject } from '../../src/demo/cluster/objects.ts';
import { resourceOfKind } from '../../src/demo/cluster/resources.ts';
import type { StoredMessage } from '../../src/demo/slack/workspace.ts';
import { eventually, PATIENCE_MS } from './eventually.ts';
import { podObject } from './objects.ts';
import { pushImage } from './push-image.ts';
import { type ServiceWorld, USER } from './service-world.ts';
import { shopCards } from './shop-cards.ts';
import { newKeys } from './signing-keys.ts';

const APPROVER = 'U0APPROVER';
/** Where the freeze of a service world is. */
export const FREEZE_NAMESPACE = 'imagepull';

/** Writes keys of both sides and a policy by which one other person approves. */
export async function writeRemedyFiles(folder: string): Promise<void> {
  for (const role of ['gateway', 'executor']) {
    const { privatePem, publicPem } = newKeys();
    await writeFile(join(folder, `${role}.pem`), privatePem);
    await writeFile(join(folder, `${role}.pub`), publicPem);
  }
  const policy = `
version: 1
organisation: T0DEMO
admins: { users: [${USER}, ${APPROVER}] }
rules: [{ name: all, approvers: { users: [${APPROVER}] } }]
`;
  await writeFile(join(folder, 'approvals.yaml'), policy);
}

/** The settings that name these files. */
export function remedySettings(folder: string, role: 'gateway' | 'executor'): string {
  const file = (name: string) => join(folder, name);
  return `remedies: { policy: ${file('approvals.yaml')}, signingKey: ${file(`${role}.pem`)}, gatewayKeys: [${file('gateway.pub')}], executorKeys: [${file('executor.pub')}] }`;
}

/** What people and a controller do about pods of a service world that a deletion helps. */
export function shopRemedies(world: () => ServiceWorld) {
  const { cardOf } = shopCards(world);
  const put = (object: { readonly kind: string; readonly [part: string]: unknown }) =>
    world().api.store.put({ ...WrittenObject.parse(object), kind: object.kind });
  const imageOf = (shop: number) => `${world().registry.origin.replace('http://', '')}/shop/web:${shop}`;

  function ownedPod(shop: number, given: { readonly name: string; readonly uid?: string; readonly running?: boolean }) {
    const image = imageOf(shop);
    const message = `Failed to pull image "${image}": failed to resolve image: ${image}: not found`;
    return podObject({
      uid: `uid-owned-${shop}-${given.name}`,
      ...given,
      ...(given.running ? { running: true } : { waiting: { reason: 'ErrImagePull', message } }),
      namespace: `shop-${shop}`,
      node: `node-${shop}`,
      image,
      pullSecrets: ['regcred'],
      owner: { kind: 'ReplicaSet', name: 'web' },
    });
  }

  return {
    put,
    /** Lets executors act. */
    thaw() {
      put({ kind: 'Namespace', metadata: { name: FREEZE_NAMESPACE } });
      put({ kind: 'ConfigMap', metadata: { name: 'imagepull-freeze', namespace: FREEZE_NAMESPACE }, data: { frozen: 'false' } });
    },
    /** A pod of a shop as its ReplicaSet makes it, whose image was pushed meanwhile. */
    async pushed(shop: number) {
      const template = { spec: { containers: [{ name: 'app', image: imageOf(shop) }], imagePullSecrets: [{ name: 'regcred' }] } };
      put({
        kind: 'ReplicaSet',
        metadata: { name: 'web', namespace: `shop-${shop}`, uid: 'owner' },
        spec: { replicas: 1, template },
      });
      put({ kind: 'Pod', ...ownedPod(shop, { name: 'web-0' }) });
      await pushImage(world().registry, { tag: String(shop) });
    },
    /** Has the pod diagnosed and asks for its deletion; answers with the card once the plan waits for people. */
    async proposeDeletion(shop: number): Promise<StoredMessage> {
      await world().diagnose(shop);
      await eventually(() => expect(cardOf(shop)?.text).toMatch(/ checks/), 2 * PATIENCE_MS);
      const card = cardOf(shop);
      if (!card) throw new Error('no card');
      await world().slack.click({ user: USER, message: card, label: 'Skip the wait: delete the pod' });
      await eventually(() => expect(card.text).toMatch(/needs 1 approval, has 0/));
      return card;
    },
    async approve(card: StoredMessage) {
      const { slack } = world();
      const view = slack.workspace.views.length;
      await slack.click({ user: APPROVER, message: card, label: 'Review …' });
      await eventually(() => expect(slack.workspace.views).toHaveLength(view + 1));
      await slack.submit({ user: APPROVER, view, values: { 'imagepull.plan.reason': 'it was pushed' } });
    },
    /** The pod as long as nobody has deleted it. */
    pod(shop: number) {
      const found = world().api.store.get(resourceOfKind('Pod'), `shop-${shop}/web-0`);
      return found?.metadata.deletionTimestamp === undefined ? found : undefined;
    },
    /** What the controller does then: the next pod has its image, or the same name and the same trouble. */
    replace(shop: number, by: 'one that runs' | 'one that fails' = 'one that runs') {
      world().api.store.remove(resourceOfKind('Pod'), `shop-${shop}/web-0`);
      const next = by === 'one that runs' ? { name: 'web-new', running: true } : { name: 'web-0', uid: `uid-next-${shop}` };
      put({ kind: 'Pod', ...ownedPod(shop, next) });
    },
    /** Deletions that were no dry run, by all who may. */
    deletions: () => world().api.requests.filter((request) => request.startsWith('DELETE') && !request.includes('dryRun')),
  };
}
