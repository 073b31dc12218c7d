import type { WrittenStory } from '../story.ts';

export const wrongArchitecture: WrittenStory = {
  id: 'wrong-architecture',
  title: 'Built on a laptop for arm64 alone, on nodes that are amd64: back.',
  cause: 'platform-mismatch',
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.5'], arm64: ['shop/web:1.27.5'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3.' },
    {
      step: 'set-image',
      workload: 'web',
      image: 'shop/web:1.27.5',
      told: 'shop/web:1.27.5 is deployed. It was built on a laptop, for arm64.',
    },
    { step: 'pass', minutes: 6, told: 'Six minutes later the new pod still cannot pull.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'choose', who: 'ann', button: 'Set image …', value: '1.27.3' },
    { step: 'see', card: 'needs 2 approvals, has 0' },
    { step: 'approve', who: 'bob', reason: 'until it is built for amd64' },
    { step: 'approve', who: 'eve', reason: 'yes' },
    { step: 'see', card: 'Fixed: ' },
  ],
  end: {
    card: ['Fixed: '],
    workloads: [{ name: 'web', running: 2, waiting: 0, image: 'shop/web:1.27.3' }],
  },
  doubt:
    'The error ends with `not found`, and the tag is there. The bot reads the index behind the tag and compares its platforms with what the node says of itself.',
};
