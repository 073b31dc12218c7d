import { afterEach, describe, expect, it } from 'vitest';
import { type RemedyCluster, remedyCluster } from '../../support/remedy-cluster.ts';
import { BAD, brokenRollout, digestOf } from '../../support/remedy-objects.ts';

let cluster: RemedyCluster;
afterEach(() => cluster?.stop());

const REPOSITORY = 'registry.example/shop/web';
const TAGGED = `${REPOSITORY}:3`;
const setImage = (given: { readonly container?: string; readonly repository?: string; readonly digest?: string } = {}) =>
  ({
    id: 'set-image',
    workload: { namespace: 'shop', kind: 'Deployment', name: 'web' },
    container: 'app',
    repository: REPOSITORY,
    tag: '3',
    digest: digestOf(TAGGED),
    ...given,
  }) as const;

describe('the draft to set an image', () => {
  it('pins the tag to the digest that it had when somebody chose it, and says how to go back', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const draft = await cluster.drafted(setImage());
    expect(draft).toMatchObject({
      changes: [{ patch: { spec: { template: { spec: { containers: [{ name: 'app', image: `${TAGGED}@${digestOf(TAGGED)}` }] } } } } }],
      risk: 'medium',
      effect: `Container app of Deployment shop/web asks for ${TAGGED}; its pods are replaced one after the other.`,
      undo: `Set the image back to ${BAD}.`,
    });
    expect(draft.notChecked).toContain(`Whether ${TAGGED} works: only that it can be pulled.`);
    expect(cluster.asked.map(({ image }) => image)).toEqual([TAGGED]);
  });

  it('finds the container among those that run first', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const spec = { initContainers: [{ name: 'migrate', image: BAD }], containers: [{ name: 'app', image: BAD }] };
    cluster.change('Deployment', 'web', { spec: { template: { metadata: { labels: { app: 'web' } }, spec } } });
    const { changes } = await cluster.drafted(setImage({ container: 'migrate' }));
    expect(changes[0]).toMatchObject({ patch: { spec: { template: { spec: { initContainers: [{ name: 'migrate' }] } } } } });
  });

  it('is refused where the tag is of another digest by now', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.proofs.set(TAGGED, { status: 'pullable', digest: digestOf('moved'), notChecked: [] });
    expect(await cluster.refusal(setImage())).toBe(`${TAGGED} is ${digestOf('moved')} now, no longer ${digestOf(TAGGED)}.`);
  });

  it('is refused where the registry no longer tells a digest', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.proofs.set(TAGGED, { status: 'pullable', digest: undefined, notChecked: [] });
    expect(await cluster.refusal(setImage())).toContain('is of a digest that the registry does not tell now');
  });

  it('is refused where the tag cannot be pulled', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.proofs.set(TAGGED, { status: 'refused', says: 'The registry refuses it, asked anonymously.' });
    expect(await cluster.refusal(setImage())).toBe('The registry refuses it, asked anonymously.');
  });

  it('is refused for another repository than the one that the container asks for now', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const other = 'registry.example/evil/web';
    expect(await cluster.refusal(setImage({ repository: other }))).toBe(
      `Container app of Deployment shop/web asks for ${BAD} now, which is of another repository than ${other}.`,
    );
  });

  it('is refused for a container that is not there', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    expect(await cluster.refusal(setImage({ container: 'sidecar' }))).toBe('Deployment shop/web has no container sidecar with an image.');
  });
});
