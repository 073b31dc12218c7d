import type { WrittenStory } from '../story.ts';

export const tagTypo: WrittenStory = {
  id: 'tag-typo',
  title: 'A rollout to a tag that nobody pushed: the nearest one, after two approvals.',
  cause: 'tag-not-found',
  registry: { images: ['shop/web:1.27.2', 'shop/web:1.27.3', 'shop/web:1.27.5', 'shop/web:1.26.0'] },
  workloads: [{ name: 'web', replicas: 3, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Three pods of shop/web run 1.27.3.' },
    { step: 'set-image', workload: 'web', image: 'shop/web:1.27.4', told: 'Somebody deploys shop/web:1.27.4. The tag is 1.27.5.' },
    { step: 'pass', minutes: 6, told: 'Six minutes later the first new pod still cannot pull.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'web' },
    { step: 'choose', who: 'ann', button: 'Set image …', value: '1.27.5' },
    { step: 'see', card: 'needs 2 approvals, has 0' },
    { step: 'approve', who: 'bob', reason: 'matches the release notes' },
    { step: 'see', card: 'needs 2 approvals, has 1' },
    { step: 'approve', who: 'eve', reason: 'fine with me' },
    { step: 'see', card: 'Fixed: ' },
  ],
  end: {
    // An old pod that is about to go may still be counted.
    card: ['Fixed: ', 'after: Set image of Deployment shop/web to 1.27.5'],
    thread: ['matches the release notes', 'has helped'],
    workloads: [{ name: 'web', running: 3, waiting: 0, image: 'shop/web:1.27.5' }],
  },
  doubt:
    'Runtimes say `not found` of a missing tag and of a missing repository alike, so the message alone would have been a guess. The bot asks the registry for the tags of the repository, and only names the tag because the repository is there.',
};
