import type { WrittenStory } from '../story.ts';

export const wrongRemedy: WrittenStory = {
  id: 'wrong-remedy',
  title: 'Nodes ask a mirror without the tag: the new pod fails again, and is seen to.',
  cause: 'tag-not-found',
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.5'], mirror: ['shop/web:1.27.3'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3. Nodes pull through a mirror.' },
    { step: 'set-image', workload: 'web', image: 'shop/web:1.27.5', told: 'shop/web:1.27.5 is deployed. The mirror does not have it.' },
    { step: 'pass', minutes: 6, told: 'Six minutes later the new pod still cannot pull.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'propose', who: 'ann', button: 'Skip the wait: delete the pod' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    { step: 'approve', who: 'bob', reason: 'worth a try' },
    { step: 'see', card: 'Not fixed' },
  ],
  end: {
    card: ['Not fixed', 'cannot pull'],
    thread: ['worth a try'],
    workloads: [{ name: 'web', running: 2, waiting: 1, image: 'shop/web:1.27.5' }],
  },
  doubt:
    'It is wrong here: the bot asks the registry, the node asks a mirror, and the mirror does not show. So the verdict is only possible, the new pod is watched, and the card says that nothing was fixed.',
};
