import type { WrittenStory } from '../story.ts';

export const digestGone: WrittenStory = {
  id: 'digest-gone',
  title: 'An image pinned by a digest that the registry has cleaned away: back.',
  cause: 'tag-not-found',
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.4', 'shop/web:1.27.5'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3.' },
    { step: 'remove', image: 'shop/web:1.27.4', told: 'The registry is cleaned up, and shop/web:1.27.4 goes.' },
    { step: 'set-image', workload: 'web', image: 'shop/web@1.27.4', told: 'An old manifest is applied that names 1.27.4 by its digest.' },
    { step: 'pass', minutes: 6, told: 'Six minutes later the new pod still cannot pull.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'propose', who: 'ann', button: 'Roll back' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    { step: 'approve', who: 'bob', reason: 'that was an old manifest' },
    { step: 'see', card: 'Fixed: ' },
  ],
  end: {
    card: ['Fixed: 2 of 2 pods have their images'],
    workloads: [{ name: 'web', running: 2, waiting: 0, image: 'shop/web:1.27.3' }],
  },
  doubt:
    'A digest that is missing reads like a registry that has lost everything. The bot asks for the tags of the repository as well: it is there, and only this digest is not.',
};
