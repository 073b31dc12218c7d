import type { WrittenStory } from '../story.ts';
import { HUNG_WEB } from './beginnings.ts';

export const overtakenPlan: WrittenStory = {
  id: 'overtaken-plan',
  title: 'Somebody deploys before a plan is approved: it is not carried out any more.',
  cause: 'tag-not-found',
  ...HUNG_WEB,
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
