import type { WrittenStory } from '../story.ts';

export const gitopsOwned: WrittenStory = {
  id: 'gitops-owned',
  title: 'Argo CD applies it: no button, and the card says where to change it.',
  cause: 'tag-not-found',
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.5'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3', appliedBy: 'Argo CD' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3. Argo CD applies them from a repository.' },
    { step: 'set-image', workload: 'web', image: 'shop/web:1.27.4', told: 'A commit asks for shop/web:1.27.4, and Argo CD applies it.' },
    { step: 'pass', minutes: 6, told: 'Six minutes later the new pod still cannot pull.' },
  ],
  steps: [{ step: 'ask', who: 'ann', workload: 'web' }],
  end: {
    card: ['Argo CD'],
    without: ['Set image …', 'Roll back', 'Review …'],
    workloads: [{ name: 'web', running: 2, waiting: 1, image: 'shop/web:1.27.4' }],
  },
  doubt:
    'A change by hand would have looked like a cure until Argo CD took it back. The bot looks for who applies the workload before it offers anything.',
};
