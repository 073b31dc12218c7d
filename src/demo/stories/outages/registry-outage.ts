import type { WrittenStory } from '../story.ts';

export const registryOutage: WrittenStory = {
  id: 'registry-outage',
  title: 'The registry is down: nothing to approve, the pods recover by themselves.',
  cause: 'registry-unavailable',
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.5'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3.' },
    { step: 'registry', answers: 503, told: 'The registry begins to answer 503.' },
    { step: 'set-image', workload: 'web', image: 'shop/web:1.27.5', told: 'shop/web:1.27.5 is deployed.' },
    { step: 'pass', minutes: 1, told: 'A minute later the new pod still cannot pull.' },
  ],
  speed: 8,
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'registry', answers: 'well', told: 'The registry is well again. Nobody does anything.' },
    { step: 'see', card: 'Resolved by itself' },
  ],
  end: {
    card: ['Resolved by itself'],
    without: ['Set image …', 'Roll back', 'Review …'],
    workloads: [{ name: 'web', running: 2, waiting: 0, image: 'shop/web:1.27.5' }],
  },
  doubt:
    'One 503 may come from a proxy of one node. The verdict is confirmed because the registry answers the bot with a server error as well.',
};
