import type { WrittenStory } from '../story.ts';

export const neverPulled: WrittenStory = {
  id: 'never-pulled',
  title: 'imagePullPolicy Never, and the node has no such image.',
  cause: 'pull-never',
  registry: { images: ['shop/model:5'] },
  workloads: [{ name: 'model', image: 'shop/model:5', pullPolicy: 'Never' }],
  before: [
    { step: 'pass', minutes: 6, told: 'shop/model has imagePullPolicy Never, from the days when images were loaded onto the nodes.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'model' },
    { step: 'pull-policy', workload: 'model', policy: 'IfNotPresent', told: 'Ann sets it to IfNotPresent.' },
    { step: 'see', card: 'Resolved by itself' },
  ],
  end: {
    card: ['Resolved by itself'],
    without: ['Set image …', 'Roll back', 'Review …'],
    workloads: [{ name: 'model', running: 1, waiting: 0, image: 'shop/model:5' }],
  },
  doubt:
    'From Kubernetes 1.35 on the same is said of an image that is on the node and that this pod may not use. The card says what the kubelet says; what is really on the node would have to be looked up there.',
};
