import type { WrittenStory } from './story.ts';

export const neverPulled: WrittenStory = {
  id: 'never-pulled',
  title: 'imagePullPolicy Never, and the node has no such image.',
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
};
