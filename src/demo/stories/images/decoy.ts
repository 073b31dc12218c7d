import type { WrittenStory } from '../story.ts';

export const decoy: WrittenStory = {
  id: 'decoy',
  title: 'A sidecar failed before, for another reason: the verdict is about today.',
  cause: 'tag-not-found',
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.5', 'mesh/proxy:2.4'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.4', sidecar: 'mesh/proxy:2.4' }],
  before: [
    { step: 'registry', answers: 503, told: 'The registry answers 503.' },
    { step: 'pass', minutes: 3, told: 'For three minutes pods of shop/web cannot pull their sidecar mesh/proxy:2.4.' },
    { step: 'registry', answers: 'well', told: 'The registry is well again.' },
    { step: 'pass', minutes: 6, told: 'The sidecars run. The pods still do not: shop/web:1.27.4 was never pushed.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'choose', who: 'ann', button: 'Set image …', value: '1.27.5' },
    { step: 'see', card: 'needs 2 approvals, has 0' },
    { step: 'approve', who: 'bob', reason: 'it is 1.27.5' },
    { step: 'approve', who: 'eve', reason: 'right' },
    { step: 'see', card: 'Fixed: ' },
  ],
  end: {
    card: ['Fixed: '],
    workloads: [{ name: 'web', running: 2, waiting: 0, image: 'shop/web:1.27.5' }],
  },
  doubt:
    'Most of what the events of these pods tell is about a 503 for another image. The bot goes by what each container waits for now, and by the events about that container and its image.',
};
