import type { WrittenStory } from '../story.ts';

export const overtakenPlan: WrittenStory = {
  id: 'overtaken-plan',
  title: 'Somebody deploys before a plan is approved: it is not carried out any more.',
  cause: 'tag-not-found',
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.5'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3.' },
    { step: 'set-image', workload: 'web', image: 'shop/web:1.27.4', told: 'Somebody deploys shop/web:1.27.4, which nobody pushed.' },
    { step: 'pass', minutes: 6, told: 'Six minutes later the new pod still cannot pull.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'propose', who: 'ann', button: 'Roll back' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    {
      step: 'set-image',
      workload: 'web',
      image: 'shop/web:1.27.6',
      told: 'Meanwhile somebody else deploys shop/web:1.27.6. It was not pushed either.',
    },
    { step: 'approve', who: 'bob', reason: 'back to 1.27.3' },
    { step: 'see', card: 'Overtaken' },
  ],
  end: {
    card: ['Roll back: Overtaken'],
    thread: ['has changed since the plan was made. Nothing was done'],
    workloads: [{ name: 'web', running: 2, waiting: 1, image: 'shop/web:1.27.6' }],
  },
  doubt:
    'The plan was right when it was made. The bot reads everything again just before it writes, and ties the write to what people have seen: whatever has changed since ends the plan.',
};
