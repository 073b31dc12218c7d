import type { WrittenStory } from '../story.ts';

const SERVICES = ['web', 'cart', 'search'];

export const fullDisk: WrittenStory = {
  id: 'full-disk',
  title: 'A node with a full disk: it is cordoned while somebody frees it.',
  cause: 'disk-full',
  registry: { images: SERVICES.flatMap((name) => [`shop/${name}:1.0.0`, `shop/${name}:1.1.0`]) },
  nodes: 2,
  workloads: SERVICES.map((name) => ({ name, image: `shop/${name}:1.0.0` })),
  before: [
    { step: 'pass', minutes: 30, told: 'shop/web, shop/cart and shop/search run on two nodes.' },
    { step: 'node', node: 'node-2', is: 'full', told: 'The disk of node-2 fills up.' },
    ...SERVICES.map((workload) => ({
      step: 'set-image' as const,
      workload,
      image: `shop/${workload}:1.1.0`,
      told: `shop/${workload}:1.1.0 is deployed.`,
    })),
    { step: 'pass', minutes: 6, told: 'Six minutes later what is on node-2 still cannot pull.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'propose', who: 'ann', button: 'Cordon node-2' },
    { step: 'see', card: 'needs 2 approvals, has 0' },
    { step: 'approve', who: 'bob', reason: 'nothing more there' },
    { step: 'approve', who: 'eve', reason: 'I free the disk meanwhile' },
    { step: 'see', card: 'Done: Cordon node-2' },
    { step: 'node', node: 'node-2', is: 'well', told: 'Eve frees the disk of node-2.' },
    { step: 'pass', minutes: 5, told: 'Within five minutes the kubelet has tried again.' },
    { step: 'see', card: 'Resolved by itself' },
    { step: 'propose', who: 'ann', button: 'Undo: uncordon …' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    { step: 'approve', who: 'bob', reason: 'there is room again' },
    { step: 'see', card: 'Done: Uncordon node-2' },
  ],
  end: {
    card: ['Done: Uncordon node-2'],
    workloads: SERVICES.map((name) => ({ name, running: 1, waiting: 0, image: `shop/${name}:1.1.0` })),
  },
  doubt:
    "A registry that is full says `no space left on device` as well. The verdict is confirmed because the message names a file of the node's own runtime, and the node reports disk pressure.",
};
