import { afterEach, describe, expect, it } from 'vitest';
import { type RemedyCluster, remedyCluster } from '../../support/remedy-cluster.ts';

let cluster: RemedyCluster;
afterEach(() => cluster?.stop());

const cordon = { id: 'cordon-node', node: 'node-1' } as const;
const uncordon = { id: 'uncordon-node', node: 'node-1' } as const;

describe('the draft to cordon a node', () => {
  it('closes it for new pods, restarts none, and says what was not checked', async () => {
    cluster = await remedyCluster();
    expect(await cluster.drafted(cordon)).toMatchObject({
      changes: [{ verb: 'patch', object: 0, patch: { spec: { unschedulable: true } } }],
      blast: { restarts: 0, disruptionBudgets: [] },
      risk: 'medium',
      undo: 'Uncordon node-1.',
      notChecked: ['Whether the other nodes have room for what would be placed there.'],
      watched: { kind: 'nothing' },
    });
  });

  it('is refused where it is closed already', async () => {
    cluster = await remedyCluster();
    cluster.change('Node', 'node-1', { spec: { unschedulable: true } });
    expect(await cluster.refusal(cordon)).toBe('Node node-1 takes no new pods already.');
  });

  it('does not depend on anything else of the node', async () => {
    cluster = await remedyCluster();
    const before = await cluster.drafted(cordon);
    cluster.change('Node', 'node-1', { metadata: { labels: { zone: 'b' } }, spec: { taints: [] }, status: { images: [] } });
    expect((await cluster.drafted(cordon)).objects[0]?.planned.state).toBe(before.objects[0]?.planned.state);
  });
});

describe('the draft to uncordon a node', () => {
  it('opens it, and is refused where it is open', async () => {
    cluster = await remedyCluster();
    expect(await cluster.refusal(uncordon)).toBe('Node node-1 takes new pods already.');
    cluster.change('Node', 'node-1', { spec: { unschedulable: true } });
    expect(await cluster.drafted(uncordon)).toMatchObject({
      changes: [{ patch: { spec: { unschedulable: false } } }],
      risk: 'low',
      undo: 'Cordon node-1.',
    });
  });
});
