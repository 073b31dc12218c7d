import type { WrittenStory } from '../story.ts';

export const deadRuntime: WrittenStory = {
  id: 'dead-runtime',
  title: 'The container runtime of a node is down.',
  cause: 'runtime-unavailable',
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.5'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3, on node-1 and node-2.' },
    { step: 'node', node: 'node-3', is: 'without-runtime', told: 'containerd dies on node-3.' },
    { step: 'set-image', workload: 'web', image: 'shop/web:1.27.5', told: 'shop/web:1.27.5 is deployed.' },
    { step: 'pass', minutes: 2, told: 'Two minutes later the new pod on node-3 still cannot pull.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'node', node: 'node-3', is: 'well', told: 'Somebody starts containerd again.' },
    { step: 'pass', minutes: 5, told: 'Within five minutes the kubelet has tried again.' },
    { step: 'see', card: 'Resolved by itself' },
  ],
  end: {
    card: ['Resolved by itself'],
    workloads: [{ name: 'web', running: 2, waiting: 0, image: 'shop/web:1.27.5' }],
  },
  doubt:
    'The registry is well and the image is there, so no question about them leads anywhere. The error names the socket of the runtime, and the node says that it is not ready.',
};
