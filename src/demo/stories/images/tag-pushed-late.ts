import type { WrittenStory } from '../story.ts';

export const tagPushedLate: WrittenStory = {
  id: 'tag-pushed-late',
  title: 'A tag that was pushed too late: the pod is deleted, to skip its back-off.',
  cause: 'tag-not-found',
  registry: { images: ['shop/web:1.27.3'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3.' },
    { step: 'set-image', workload: 'web', image: 'shop/web:1.28.0', told: 'shop/web:1.28.0 is deployed before its build has ended.' },
    { step: 'pass', minutes: 8, told: 'Eight minutes later the kubelet tries only every five minutes.' },
    { step: 'push', image: 'shop/web:1.28.0', told: 'The build ends and pushes shop/web:1.28.0.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'propose', who: 'ann', button: 'Skip the wait: delete the pod' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    { step: 'approve', who: 'eve', reason: 'the build is green' },
    { step: 'see', card: 'Fixed: ' },
  ],
  end: {
    // The rollout goes on at once, so that it may be one pod or two by then.
    card: ['Fixed: ', 'after: Delete pod shop/web-'],
    thread: ['the build is green'],
    workloads: [{ name: 'web', running: 2, waiting: 0, image: 'shop/web:1.28.0' }],
  },
  doubt:
    'The last words of the kubelet are still `not found`, and a bot that believes them would have the image changed. This one asks the registry itself, sees the tag, and calls the verdict possible: what the kubelet saw is over, or it asks somewhere else.',
};
