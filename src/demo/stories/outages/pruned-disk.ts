import type { WrittenStory } from '../story.ts';

const SERVICES = ['web', 'cart', 'search'];
const OLD = ['0.8.0', '0.9.0', '1.0.0'];

export const prunedDisk: WrittenStory = {
  id: 'pruned-disk',
  title: 'A full disk holds old images: two people let the bot remove them.',
  cause: 'disk-full',
  registry: { images: SERVICES.flatMap((name) => [...OLD, '1.1.0'].map((tag) => `shop/${name}:${tag}`)) },
  nodes: 1,
  nodeTasks: true,
  workloads: SERVICES.map((name) => ({ name, image: `shop/${name}:0.8.0` })),
  before: [
    { step: 'pass', minutes: 120, told: 'shop/web, shop/cart and shop/search run on node-1.' },
    ...OLD.slice(1).flatMap((tag) => [
      ...SERVICES.map((workload) => ({
        step: 'set-image' as const,
        workload,
        image: `shop/${workload}:${tag}`,
        told: `shop/${workload}:${tag} is deployed.`,
      })),
      { step: 'pass' as const, minutes: 90, told: 'The pods run; the images before them stay on the disk.' },
    ]),
    { step: 'node', node: 'node-1', is: 'full', told: 'Something else fills the disk of node-1.' },
    { step: 'set-image', workload: 'web', image: 'shop/web:1.1.0', told: 'shop/web:1.1.0 is deployed.' },
    { step: 'pass', minutes: 6, told: 'Six minutes later the new pod still cannot pull.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'propose', who: 'ann', button: 'List images of node-1' },
    { step: 'see', card: 'needs 1 approval' },
    { step: 'approve', who: 'bob', reason: 'it only looks' },
    { step: 'see', card: 'used by no container' },
    { step: 'propose', who: 'ann', button: 'Prune images …' },
    { step: 'see', card: 'needs 2 approvals, has 0' },
    { step: 'approve', who: 'bob', reason: 'nobody goes back to these' },
    { step: 'approve', who: 'eve', reason: 'they are in the registry' },
    { step: 'see', card: 'removed from' },
    { step: 'pass', minutes: 5, told: 'Within five minutes the kubelet has tried again.' },
    { step: 'see', card: 'Fixed: ' },
  ],
  end: {
    card: ['Fixed: ', 'Prune images on node-1'],
    workloads: [
      { name: 'web', running: 1, waiting: 0, image: 'shop/web:1.1.0' },
      { name: 'cart', running: 1, waiting: 0, image: 'shop/cart:1.0.0' },
      { name: 'search', running: 1, waiting: 0, image: 'shop/search:1.0.0' },
    ],
  },
  doubt:
    'An image that no container uses may still be wanted in a minute, and a registry that answers may not hand it out again. So what is young, named in the configuration or waited for by a pod is kept, each image is looked at again right before it goes, and two people see the list by name.',
};
