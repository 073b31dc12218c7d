import type { WrittenStory } from './story.ts';

export const fullDisk: WrittenStory = {
  id: 'full-disk',
  title: 'One node has a full disk: it is cordoned, and its pod starts elsewhere.',
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.5'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3, on node-1 and node-2.' },
    { step: 'node', node: 'node-3', is: 'full', told: 'The disk of node-3 fills up.' },
    { step: 'set-image', workload: 'web', image: 'shop/web:1.27.5', told: 'shop/web:1.27.5 is deployed.' },
    { step: 'pass', minutes: 6, told: 'Six minutes later the new pod on node-3 still cannot pull.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'propose', who: 'ann', button: 'Cordon node-3' },
    { step: 'see', card: 'needs 2 approvals, has 0' },
  ],
  end: {
    card: ['Fixed'],
    workloads: [{ name: 'web', running: 2, waiting: 0, image: 'shop/web:1.27.5' }],
  },
};
