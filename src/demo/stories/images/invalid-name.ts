import type { WrittenStory } from '../story.ts';

export const invalidName: WrittenStory = {
  id: 'invalid-name',
  title: 'A capital letter in the image: no registry is asked, and no wait helps.',
  cause: 'invalid-reference',
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.5'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3.' },
    { step: 'set-image', workload: 'web', image: 'shop/Web:1.27.5', told: 'Somebody deploys shop/Web:1.27.5, with a capital letter.' },
    { step: 'pass', minutes: 6, told: 'Six minutes later the new pod still has not begun to pull.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'propose', who: 'ann', button: 'Roll back' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    { step: 'approve', who: 'bob', reason: '1.27.3 is good' },
    { step: 'see', card: 'Fixed: ' },
  ],
  end: {
    card: ['Fixed: 2 of 2 pods have their images'],
    workloads: [{ name: 'web', running: 2, waiting: 0, image: 'shop/web:1.27.3' }],
  },
  doubt:
    'No registry has been asked, so to ask one about the image proves nothing. The bot reads the name by the same rules as the kubelet and says which part breaks them.',
};
