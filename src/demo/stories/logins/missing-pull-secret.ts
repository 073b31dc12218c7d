import type { WrittenStory } from '../story.ts';

export const missingPullSecret: WrittenStory = {
  id: 'missing-pull-secret',
  title: "A private image without a pull secret: a neighbour's is proven and attached.",
  cause: 'credentials-missing',
  registry: { images: ['team/app:2.1', 'team/jobs:1.0'], private: [{ repository: 'team/app', secret: 'team-login' }] },
  workloads: [
    { name: 'worker', image: 'team/app:2.1', pullSecret: 'team-login' },
    { name: 'app', image: 'team/app:2.1' },
  ],
  before: [
    { step: 'pass', minutes: 6, told: 'shop/app asks for a private image and names no pull secret; its neighbour shop/worker has one.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'app' },
    { step: 'choose', who: 'ann', button: 'Attach a pull secret …', value: 'team-login' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    { step: 'approve', who: 'bob', reason: 'same team' },
    { step: 'see', card: 'Fixed: 1 of 1 pod' },
  ],
  end: {
    card: ['Fixed: 1 of 1 pod has its images'],
    thread: ['same team'],
    workloads: [
      { name: 'app', running: 1, waiting: 0, image: 'team/app:2.1' },
      { name: 'worker', running: 1, waiting: 0, image: 'team/app:2.1' },
    ],
  },
  doubt:
    'Access denied is what registries say of a private image and of one that does not exist. So the verdict is likely, not confirmed; and a secret is offered only once its login has been seen to open this very image.',
};
