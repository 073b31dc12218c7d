import type { WrittenStory } from '../story.ts';
import { HUNG_WEB } from './beginnings.ts';

export const deniedPlan: WrittenStory = {
  id: 'denied-plan',
  title: 'A plan that somebody denies with a reason: nothing is done.',
  cause: 'tag-not-found',
  ...HUNG_WEB,
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'propose', who: 'ann', button: 'Roll back' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    { step: 'deny', who: 'eve', reason: 'the release is frozen' },
    { step: 'see', card: 'was denied' },
  ],
  end: {
    card: ['Roll back was denied', 'the release is frozen'],
    thread: ['the release is frozen'],
    without: ['Review …'],
    workloads: [{ name: 'web', running: 2, waiting: 1, image: 'shop/web:1.27.4' }],
  },
  doubt:
    'The verdict is right and the cure would help, and still somebody knows a reason against it. One denial ends a plan, however many have approved.',
};
