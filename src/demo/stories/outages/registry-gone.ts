import type { WrittenStory } from '../story.ts';

export const registryGone: WrittenStory = {
  id: 'registry-gone',
  title: 'Nothing listens at the registry; an alert comes before anybody asks.',
  cause: 'connection-refused',
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.5'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3.' },
    { step: 'registry', answers: 'gone', told: 'The registry is taken down. Nothing listens at its port any more.' },
    { step: 'set-image', workload: 'web', image: 'shop/web:1.27.5', told: 'shop/web:1.27.5 is deployed.' },
    { step: 'pass', minutes: 2, told: 'Two minutes later the new pod still cannot pull.' },
  ],
  speed: 8,
  steps: [
    {
      step: 'alert',
      name: 'KubeDeploymentRolloutStuck',
      workload: 'web',
      told: 'Alertmanager sends KubeDeploymentRolloutStuck for shop/web. Nobody has asked yet.',
    },
    { step: 'arrives' },
    { step: 'registry', answers: 'well', told: 'Somebody starts the registry again.' },
    { step: 'pass', minutes: 5, told: 'Within five minutes the kubelet has tried again.' },
    { step: 'see', card: 'Resolved by itself' },
  ],
  end: {
    card: ['Resolved by itself'],
    without: ['Set image …', 'Roll back', 'Review …'],
    workloads: [{ name: 'web', running: 2, waiting: 0, image: 'shop/web:1.27.5' }],
  },
  doubt:
    'Nothing listens for the bot may still mean that something listens for the node. So what the bot sees of the network supports the verdict and never confirms it.',
};
