import { afterEach, describe, expect, it } from 'vitest';
import { type RemedyCluster, remedyCluster } from '../../support/remedy-cluster.ts';
import { BAD, brokenRollout } from '../../support/remedy-objects.ts';

let cluster: RemedyCluster;
afterEach(() => cluster?.stop());

const attach = (secret = 'mirror') =>
  ({ id: 'attach-pull-secret', workload: { namespace: 'shop', kind: 'Deployment', name: 'web' }, secret }) as const;

describe('the draft to attach a pull secret', () => {
  it('names the secret beside those that the pods have, and proves the image with them', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const spec = { containers: [{ name: 'app', image: BAD }], imagePullSecrets: [{ name: 'old' }] };
    cluster.change('Deployment', 'web', { spec: { template: { metadata: { labels: { app: 'web' } }, spec } } });
    const draft = await cluster.drafted(attach());
    expect(draft).toMatchObject({
      changes: [{ patch: { spec: { template: { spec: { imagePullSecrets: [{ name: 'old' }, { name: 'mirror' }] } } } } }],
      effect: 'Pods of Deployment shop/web pull with secret mirror, beside old; they are replaced one after the other.',
      undo: 'Take secret mirror out of the template again.',
      risk: 'medium',
    });
    expect(cluster.asked).toEqual([{ image: BAD, namespace: 'shop', pullSecrets: ['old', 'mirror'], node: 'node-1' }]);
  });

  it('keeps the secrets of the service account, which pods lose once their template names one', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.change('ServiceAccount', 'default', { imagePullSecrets: [{ name: 'of-the-account' }] });
    const { changes, notChecked } = await cluster.drafted(attach());
    expect(changes[0]).toMatchObject({
      patch: { spec: { template: { spec: { imagePullSecrets: [{ name: 'of-the-account' }, { name: 'mirror' }] } } } },
    });
    expect(notChecked).toContain('A template that names secrets gets none that are added to its service account later.');
  });

  it('is refused where the pods have it already, from the template or the service account', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.change('ServiceAccount', 'default', { imagePullSecrets: [{ name: 'mirror' }] });
    expect(await cluster.refusal(attach())).toBe('Pods of Deployment shop/web get the secret mirror already.');
  });

  it('is refused where no pod fails any more', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web', 0));
    expect(await cluster.refusal(attach())).toBe('No pod of Deployment shop/web fails for an image any more.');
  });

  it('is refused where the secret does not help, or that is not known', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.proofs.set(BAD, { status: 'refused', says: `The registry refuses ${BAD}, asked with the pod's login.` });
    expect(await cluster.refusal(attach())).toBe(`The registry refuses ${BAD}, asked with the pod's login.`);
    cluster.proofs.set(BAD, { status: 'unknown', says: 'secrets are not to be read.' });
    expect(await cluster.refusal(attach())).toBe('secrets are not to be read.');
  });
});
