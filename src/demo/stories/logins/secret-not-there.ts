import type { WrittenStory } from '../story.ts';

export const secretNotThere: WrittenStory = {
  id: 'secret-not-there',
  title: 'A pod names a pull secret that its namespace does not have.',
  cause: 'secret-not-found',
  registry: { images: ['team/app:2.1'], private: [{ repository: 'team/app', secret: 'team-login', is: 'missing' }] },
  workloads: [{ name: 'app', image: 'team/app:2.1', pullSecret: 'team-login' }],
  before: [{ step: 'pass', minutes: 4, told: 'shop/app names the pull secret team-login. It was made in another namespace.' }],
  speed: 8,
  steps: [
    { step: 'ask', who: 'ann', workload: 'app' },
    { step: 'secret', secret: 'team-login', told: 'Ann makes the secret in namespace shop.' },
    { step: 'pass', minutes: 5, told: 'Within five minutes the kubelet has tried again.' },
    { step: 'see', card: 'Resolved by itself' },
  ],
  end: {
    card: ['Resolved by itself'],
    without: ['Set image …', 'Roll back', 'Review …'],
    workloads: [{ name: 'app', running: 1, waiting: 0, image: 'team/app:2.1' }],
  },
  doubt:
    'The registry denies access, as it does for any private image. What tells is that the pod names a secret that the namespace does not have. Whether the image would be there with it, nobody has seen: the verdict is likely.',
};
